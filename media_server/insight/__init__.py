"""What people are told of how it goes: delays, who still listens, connections, and figures for the curious."""
