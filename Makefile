# Needs Python 3.11 to 3.13, pip and make. Everything else is installed into .venv by `make setup`.
PYTHON ?= python3
UV_VERSION = 0.13.9
VENV = .venv
BIN = $(VENV)/bin
# Compiled when it is installed: a server that may not write beside its code (PYTHONDONTWRITEBYTECODE,
# a read-only folder) compiled it in every start, 2.5 of its 5.5 s.
INSTALL = $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
OWN_CODE = voiceagent calls catalog customers staff rehearsal

.PHONY: setup demo voices screenshots test test-cluster test-uploads test-records fuzz hazards bench instructions callers many-calls long-call soak chaos check lint types django-checks messages requirements clean

demo: .setup-demo ## Set everything up, place one call, show it, and keep serving
	$(BIN)/python manage.py demo

setup: .setup-dev ## Everything a developer needs
	$(BIN)/python -m compileall -q $(OWN_CODE)

voices: .setup-demo ## The offline voices: speech recognition and synthesis without any key

# Calls take as long as calls take: five at a time wait together. A file stays in one process.
# What holds stalls and deadlines against the clock comes after that, on a quieter machine. What fails
# is run once more, with the machine to itself, and has to pass there.
BY_THE_CLOCK = tests/hazards
ELSEWHERE = tests/records tests/cluster
AGAIN = $(BIN)/python -m pytest --last-failed --last-failed-no-failures none

test: .setup-dev ## The tests
	$(BIN)/python -m pytest -n 5 --dist loadfile --no-loadscope-reorder \
	  $(addprefix --ignore ,$(ELSEWHERE) $(BY_THE_CLOCK)) \
	  || $(AGAIN) $(addprefix --ignore ,$(ELSEWHERE) $(BY_THE_CLOCK))
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(BY_THE_CLOCK) \
	  || $(AGAIN) $(BY_THE_CLOCK)

test-cluster: .setup-dev ## Two servers on the PostgreSQL and the Redis of this machine
	REQUIRE_SERVICES=1 $(BIN)/python -m pytest tests/cluster --log-cli-level=INFO \
	  || REQUIRE_SERVICES=1 $(AGAIN) tests/cluster --log-cli-level=INFO

test-uploads: .setup-dev ## Every damaged recording there is, through the form for clips
	WHOLE_CORPUS=1 $(BIN)/python -m pytest -n 2 tests/catalog -k "upload_fuzz or transcoding_fuzz"

RECORDS_CALLS = 310
OUTAGE_SECONDS = 60

test-records: .setup-dev ## Hundreds of calls of every kind, a killed server, a database that is away
	REQUIRE_SERVICES=1 RECORDS_CALLS=$(RECORDS_CALLS) OUTAGE_SECONDS=$(OUTAGE_SECONDS) \
	  $(BIN)/python -m pytest tests/records --log-cli-level=INFO

fuzz: .setup-dev ## 100,000 mutated messages through the parser, 10,000 over the sockets of live calls
	FUZZ_MESSAGES=100000 FUZZ_LIVE_MESSAGES=10000 $(BIN)/python -m pytest tests/fuzz --log-cli-level=INFO

hazards: .setup-dev ## The hazards of the line, each with as many calls as it asks for
	HAZARDS=whole $(BIN)/python -m pytest tests/hazards --log-cli-level=INFO

# QUICK=1: two minutes, the same table, and no page. ABLATIONS=1: each optimisation left out in turn.
# SERVERS=1: the servers it could run on. FLOORS=1: servers that do nothing with a call. HANDSHAKES=1:
# vendors that are far away. NOISE=1: lines that are never quiet. START_UP=1: from
# nothing to ready.
BENCH = $(if $(QUICK),--quick)$(if $(ABLATIONS),--ablations)$(if $(SERVERS),--servers)$(if $(FLOORS),--floors)$(if $(HANDSHAKES),--handshakes)$(if $(NOISE),--noise)$(if $(START_UP),--start-up)
bench: .setup-bench .setup-dev ## Measure beside Pipecat's own flow, and write benchmarks/results.md
	$(if $(BENCH),,$(BIN)/python -m benchmarks.tool_stages)
	$(BIN)/python -m benchmarks.load $(BENCH)

instructions: .setup-dev ## Count what a call costs in instructions: fails over 1.1 of what is stored (STORE=1)
	$(BIN)/python -m benchmarks.instructions $(if $(STORE),--store)

SECONDS = 3600
long-call: .setup-dev ## One long recorded call: the memory stays where it was (SECONDS=3600)
	$(BIN)/python -m benchmarks.long_call --seconds $(SECONDS)

CALLS = 1000
soak: .setup-dev ## Many calls in which anything goes wrong: right records, and nothing is left (SEED=...)
	$(BIN)/python -m benchmarks.soak --calls $(CALLS) $(if $(SEED),--seed $(SEED))

chaos: .setup-dev ## Every provider times every fault, at ten calls: writes the table in docs/reliability.md
	$(BIN)/python -m benchmarks.chaos

callers: .setup-dev ## What 100 silent simulated callers cost: fails over half a percent of a core each
	$(BIN)/python -m benchmarks.callers

many-calls: .setup-dev ## The admin with 100,000 calls in PostgreSQL: fails over 500 ms or 15 queries
	$(BIN)/python -m benchmarks.many_calls

screenshots: .setup-dev ## Take the pictures in docs/images anew (MORE_SCREENSHOTS=folder: others too)
	REQUIRE_SERVICES=1 SCREENSHOTS=docs/images $(BIN)/python -m pytest \
	  tests/browser/test_screenshots.py tests/browser/test_record_pictures.py tests/browser/test_records_story.py

check: .setup-dev lint types django-checks test ## What has to hold before every commit

lint: .setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .setup-dev
	$(BIN)/mypy

django-checks: .setup-dev
	$(BIN)/python manage.py check
	$(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=false SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
	PUBLIC_BASE_URL=https://voice.example.org TRUSTED_PROXIES=1 METRICS_TOKEN=0 TWILIO_ACCOUNT_SID=AC0 TWILIO_AUTH_TOKEN=0 \
	OPENAI_API_KEY=0 CARTESIA_API_KEY=0 $(BIN)/python manage.py check --deploy --fail-level WARNING

messages: .setup-dev ## Bring the translations up to date: says what is not translated yet
	$(BIN)/python -m voiceagent.message_catalogues

requirements: $(BIN)/uv ## Pin requirements*.in anew
	for name in requirements requirements-demo requirements-dev requirements-bench; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-annotate --upgrade \
	    --custom-compile-command "make requirements" $$name.in -o $$name.txt || exit 1; \
	done

clean: ## Remove what was set up
	rm -rf $(VENV) .setup-*

$(BIN)/uv:
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	  || (echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 ..." && exit 1)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.setup-run: requirements.txt | $(BIN)/uv
	$(INSTALL) -r requirements.txt
	$(BIN)/python -m compileall -q $(OWN_CODE)
	@touch $@

.setup-demo: requirements-demo.txt .setup-run
	$(INSTALL) -r requirements-demo.txt
	@touch $@

.setup-bench: requirements-bench.txt .setup-run
	$(INSTALL) -r requirements-bench.txt
	@touch $@

.setup-dev: requirements-dev.txt .setup-demo
	$(INSTALL) -r requirements-dev.txt
	@touch $@
