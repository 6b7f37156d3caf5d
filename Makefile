# `make demo` and `make test` each work first on a fresh Debian or Ubuntu machine that has Swift 6.3.

SHELL := /bin/bash
RELEASE := -c release --static-swift-stdlib
# Tests run optimised (pixel loops are 10 to 50 times slower in debug builds), in a build folder of their own, and beside
# each other: LibTorch's own threads would only wait for one another.
TESTS := -c release -Xswiftc -enable-testing --scratch-path .build-tests
# A package of others leaves files undeclared, which is said of it at every build.
QUIET := 2> >(grep -v swift-distributed-tracing >&2)
SOURCES := Package.swift Sources Tests Benchmarks

# What is measured by the clock runs beside nothing else.
TIMED := TimeLimitTests|JobTimeTests|ClientEndTests|DoctorComputeTests|DeviceSlotsTests

# What the benchmarks run beside: PYTHON for an environment of your own. GRID=full and MODELS=a,b are bench-train's, RUNS and SEED race-test's.
PYTHON ?= .deps/bench/bin/python
GRID ?= standard
RUNS ?= 1
SEED ?= 1
MODELS ?=
# Where bench-train computes: cpu, cuda or cuda:N.
DEVICE ?= cpu
FILTER ?= Tests
# How long the fault tests hurt, and only in these ways.
HOURS ?= 1
ONLY ?=
SLIDES ?= 10000
BAGS ?= 200
SHARDS ?= 100
# Of recipe-test: parts separated by commas, and a folder that keeps bags and trainings, where a second run goes on.
PART ?=
KEEP ?=
TARGET ?= all
PREFIX ?= /usr/local

.PHONY: help setup build install demo test test-without-torch kill-test race-test fault-test server-test cluster-test scale-test recipe-test fuzz \
  asan-test benchmark bench-setup bench-train bench-read bench-encode bench-engine bench-memory bench-bags bench-heatmap \
  format format-check runtime-check dist image dist-test gpu-bundle clean

help:
	@echo 'make demo           install what is missing, build, run the whole pipeline on the sample cohort'
	@echo 'make test           install what is missing, build, run every test and the format check'
	@echo 'make test-without-torch  the tests of all that needs no LibTorch, built without it (FILTER=EvaluationTests)'
	@echo 'make build          the release programs, in .build/release'
	@echo 'make install        these, LibTorch, OpenSlide 4, the manual page and completions below PREFIX=/usr/local'
	@echo 'make dist           artefacts/wsi-VERSION-linux-x86_64.tar.zst, which runs on any Linux without root (docs/guides/install.md)'
	@echo 'make image          an OCI image of that tarball, artefacts/wsi-VERSION.oci.tar'
	@echo 'make dist-test      both in bare systems of Debian 11, 12 and 13, as a user without a name; needs root'
	@echo 'make gpu-bundle     artefacts/gpu-bundle: programs for a LibTorch 2.11 with CUDA, slides and golden encoders, for another machine'
	@echo 'make kill-test      kill runs at random moments; they must end with the same bytes'
	@echo 'make race-test      eight processes at once on one job; they must leave the bytes that one leaves (RUNS=5 SEED=1)'
	@echo 'make fault-test     kills, failing disks, damaged files, bad requests for hours (HOURS=1 SEED=1 ONLY=kill,...)'
	@echo 'make server-test    a hostile client of the review page; every answer must be a proper one, and the server go on'
	@echo 'make cluster-test   the sample cohort by Snakemake on a Slurm of this machine, with heads, jobs and nodes lost (root)'
	@echo 'make scale-test     thousands of small slides in shards: time, memory, files (SLIDES=10000 SHARDS=100)'
	@echo 'make recipe-test    every question beside what its bags allow, on bags whose truth is known (PART=fresh|musk|survival|number|labels|baselines)'
	@echo 'make fuzz           libFuzzer on the readers of foreign bytes (HOURS=1 TARGET=CSV)'
	@echo 'make asan-test      the tests of what is C, under AddressSanitizer'
	@echo 'make benchmark      seconds and memory of every stage on the sample cohort'
	@echo 'make bench-setup    PyTorch, timm and other slide readers for the next ones, in .deps/bench'
	@echo 'make bench-train    training steps and inferences beside eager PyTorch (GRID=full|memory, MODELS=a,b, DEVICE=cuda, PYTHON=...)'
	@echo 'make bench-read     CPU time of reading patches beside other readers; SLIDE=file.svs reads that one'
	@echo 'make bench-heatmap  seconds and memory of a heatmap of 100,000 patches'
	@echo 'make bench-encode   CPU time of encoders beside eager PyTorch'
	@echo 'make bench-engine   how busy readers keep devices that only take their time'
	@echo 'make bench-memory   peak memory on a slide of 100,000 x 100,000 pixels and a small one; growth over 3,000 slides'
	@echo 'make bench-bags     training on 200 bags in the memory of ten, beside one that holds all (root, BAGS=200)'
	@echo 'make format         format the sources'
	@echo 'make runtime-check  every library of the programs is there, in its version, and with a known licence'
	@echo 'make clean          remove builds and the demo (not .deps)'

setup:
	@scripts/setup

build: setup
	swift build $(RELEASE) $(QUIET)

# PREFIX is where to: make install PREFIX=/usr/local
install: build
	scripts/install '$(abspath $(PREFIX))'

# LIBTORCH=/path with CUDA makes the tarball of that.
dist: build
	scripts/dist artefacts

image: dist
	scripts/image artefacts

dist-test: image
	scripts/dist-test artefacts

# Of a LibTorch with CUDA that it fetches (LIBTORCH=/path for another one), in a build folder of its own.
gpu-bundle: setup
	scripts/gpu-bundle artefacts/gpu-bundle

demo: build
	scripts/demo

test: setup format-check
	@scripts/setup-browser
	swift build --build-tests $(TESTS) $(QUIET)
	OMP_NUM_THREADS=1 swift test --skip-build $(TESTS) --disable-xctest --skip '$(TIMED)'
	OMP_NUM_THREADS=1 swift test --skip-build $(TESTS) --disable-xctest --filter '$(TIMED)'
	scripts/fault-test --short --only disk,mutation,together,request --program .build-tests/release
	scripts/check-runtime .build-tests/release
	@$(MAKE) --no-print-directory test-without-torch FILTER=EvaluationTests

# All that stands beside LibTorch is built and tested without it.
test-without-torch:
	WSI_WITHOUT_TORCH=1 swift build --build-tests $(TESTS) $(QUIET)
	WSI_WITHOUT_TORCH=1 OMP_NUM_THREADS=1 swift test --skip-build $(TESTS) --disable-xctest --filter '$(FILTER)'

format-check:
	swift format lint --strict --recursive $(SOURCES)

format:
	swift format --in-place --recursive $(SOURCES)

runtime-check: build
	scripts/check-runtime .build/release

kill-test: build
	scripts/kill-test 20

race-test: build
	scripts/race-test $(RUNS) $(SEED)

fault-test: build
	scripts/fault-test --hours $(HOURS) --seed $(SEED) $(if $(ONLY),--only $(ONLY))

server-test: build
	scripts/server-test

# ONLY is one of its cases, or several: ONLY='job requeued,node drained'
cluster-test: build
	scripts/cluster-test $(if $(ONLY),--only '$(ONLY)')

scale-test: build
	scripts/scale-test $(SLIDES) $(SHARDS)

# Hours of two cores for all parts; numpy is what it wants of PYTHON.
recipe-test: build
	@$(PYTHON) -c 'import numpy' || { echo 'recipe-test: error: $(PYTHON) has no numpy; run make bench-setup' >&2; exit 2; }
	$(PYTHON) scripts/recipe-test --part '$(PART)' --models '$(MODELS)' $(if $(KEEP),--keep '$(KEEP)')

# A target is a file of Tests/Fuzz: TARGET=CSV. HOURS is for all of them.
fuzz: setup
	swift build --build-tests $(TESTS) $(QUIET)
	scripts/fuzz $(TARGET) $$(awk 'BEGIN { print int($(HOURS) * 3600 / ("$(TARGET)" == "all" ? $(words $(filter-out %/FuzzInput.swift,$(wildcard Tests/Fuzz/*.swift))) : 1)) }')

# The C rooms and what stands on them, under AddressSanitizer; Swift's own tests of memory are the language's. LibTorch is not
# instrumented, so what containers of C++ share with it cannot be watched. What is freed is kept for a while on purpose, so that
# memory is not told.
asan-test: setup
	ASAN_OPTIONS=detect_leaks=0:detect_container_overflow=0 OMP_NUM_THREADS=1 swift test -c release -Xswiftc -enable-testing \
	  --sanitize=address --scratch-path .build-asan --disable-xctest \
	  --skip tenThousandStepsLeaveNoMemoryBehind --filter 'FilesTests|ImagingTests|StorageTests|MessagesTests|SlidesTests|SampleTests|TorchTests|EncodersTests'

benchmark: build
	Benchmarks/stages

bench-setup:
	@scripts/bench-setup

bench-train: setup
	@$(PYTHON) -c 'import torch' || { echo 'bench-train: error: $(PYTHON) has no PyTorch; run make bench-setup' >&2; exit 2; }
	swift build $(RELEASE) --product bench-train
	.build/release/bench-train --grid $(GRID) --models '$(MODELS)' --python $(PYTHON) --peer Benchmarks/peers/train.py --device $(DEVICE)

bench-read: build
	BENCH_PYTHON=$(PYTHON) .build/release/bench-read .build/bench-slides $(SLIDE)

bench-heatmap: build
	.build/release/bench-heatmap .build/bench-heatmap .build/release/wsi

bench-encode: setup
	swift build $(RELEASE) --product bench-encode
	$(PYTHON) Benchmarks/encode .build/release/bench-encode

bench-engine: build
	Benchmarks/engine .build/release

bench-memory: build
	Benchmarks/memory
	Benchmarks/memory-slope

bench-bags: build
	Benchmarks/bags .build/release $(BAGS)

clean:
	rm -rf .build .build-tests .build-fuzz .build-asan .build-gpu demo artefacts
