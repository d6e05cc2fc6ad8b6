"""What other people's servers are told: rooms and participants that come and go, transcripts that are ready."""
