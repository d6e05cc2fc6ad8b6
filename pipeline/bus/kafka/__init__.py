"""The bus on a Kafka cluster."""
