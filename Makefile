# Parley's menu. `make run` and `make test` set up everything they need on a Debian-like machine.
#   make run ARGS="--port 9000"        flags for `parley serve`
#   make test TESTS="tests/pipeline"   some of the tests

BIN := .venv/bin
ARGS ?=
TESTS ?= tests

# Parley starts many processes, engines and in the tests programs: each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-coqui test-piper check format lock soak broker bench-bus bench-latency bench-latency-kafka bench-forward bench-capacity bench-analysis bench-stt bench-quality bench-load clean setup-test style

help: ## Show this menu
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: ## Set up what is missing, then start Parley and print its address
	@infra/setup run
	@exec $(BIN)/parley serve $(ARGS)

test: style ## Set up what is missing, then check style and types and run all tests (minutes)
	@infra/test $(TESTS)

check: style ## Check style and types (seconds)
	@$(BIN)/mypy

style: setup-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup-test ## Put the code into the project's format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: setup-test ## Write the lock files anew, with the newest versions that pyproject.toml allows
	@infra/lock

test-coqui: setup-test ## Run Coqui's tests on random weights, in an environment of its own (6 GB)
	@$(BIN)/uv venv -q --allow-existing .venv-coqui
	@$(BIN)/uv pip install -q --python .venv-coqui/bin/python -r infra/requirements-test.lock --no-deps
	@$(BIN)/uv pip install -q --python .venv-coqui/bin/python -e ".[coqui]"
	@OMP_NUM_THREADS=1 .venv-coqui/bin/python -m pytest --timeout=900 -o loop_limit_ms=10000 \
		tests/pipeline/engines/coqui tests/pipeline/engines/test_synthesizer.py -k coqui

test-piper: setup-test ## Put the real Piper (GPL, in an environment of its own) to the contract of synthesizers
	@$(BIN)/uv venv -q --allow-existing .venv-piper
	@$(BIN)/uv pip install -q --python .venv-piper/bin/python "piper-tts[http]"
	@PARLEY_TEST_PIPER=".venv-piper/bin/python -m piper.http_server" \
		$(BIN)/python -m pytest tests/pipeline/engines/test_synthesizer.py -k piper

soak: setup-test ## Run the tests that take long (tens of minutes)
	@$(BIN)/python -m pytest -m soak --timeout=3600 $(TESTS)

broker: setup-test ## Run a Kafka broker on port 9092, with the topics, until Ctrl-C
	@exec infra/kafka/broker run --port 9092 -- $(BIN)/parley topics create --bus kafka://127.0.0.1:9092

bench-bus: setup-test ## Measure the bus in memory and on Kafka, and all stages on it; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.bus

bench-latency: setup-test ## Measure the time from a spoken word to its voice and caption; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.latency

bench-latency-kafka: setup-test ## The same with node and workers as processes of their own on a Kafka broker
	@$(BIN)/python -m tests.benchmarks.latency --bus kafka

bench-forward: setup-test ## Measure what forwarding costs, beside stock aiortc; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.forward

bench-capacity: setup-test ## Measure a room of 104 and 20 rooms of 5 in one process; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.capacity

bench-analysis: setup-test ## Measure what listening to one microphone costs; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.analysis

bench-stt: setup-test ## Measure how many speakers one Whisper model hears at once, batched and one by one; JSON
	@$(BIN)/python -m tests.benchmarks.stt

bench-load: setup-test ## Measure 100 WebSocket and 20 WebRTC clients at once, scripted engines; the last line is JSON
	@$(BIN)/python -m tests.benchmarks.load_rooms

bench-quality: setup-test ## Measure how well engines hear and translate, and what a room keeps of it; JSON
	@$(BIN)/python -m tests.benchmarks.quality

clean: ## Remove what set-up and tests left here (.venv and caches)
	rm -rf .venv .venv-coqui .venv-piper .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist artefacts
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-test:
	@infra/setup test
