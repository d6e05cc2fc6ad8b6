"""The REST interface, `/api/v1`: operations, each declared once, and the document that is made of them."""
