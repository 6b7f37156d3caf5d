import Foundation
import Records
import Slides
import Storage

/// Runs each task in a `wsi worker` process of its own: what kills the process costs one slide.
struct WorkerPool: Sendable {
    var settings: WorkSettings

    /// One slide's work and how a failure of its process is recorded.
    struct Job: Sendable {
        /// An outcome that the work ends with.
        struct Result: Sendable {
            var stage: String
            var fingerprint: Fingerprint
        }

        var slide: SlideID
        var results: [Result]
        var task: WorkerTask

        init(slide: SlideID, results: [Result], task: WorkerTask) {
            self.slide = slide
            self.results = results
            self.task = task
        }

        init(slide: SlideID, stage: String, fingerprint: Fingerprint, task: WorkerTask) {
            self.init(slide: slide, results: [Result(stage: stage, fingerprint: fingerprint)], task: task)
        }

        static func failed(_ slide: SlideID, _ results: [Result], _ failure: Failure) -> [Outcome] {
            results.map { result in
                Outcome(
                    unit: slide,
                    stage: result.stage,
                    status: .failed,
                    failure: failure,
                    fingerprint: result.fingerprint
                )
            }
        }
    }

    /// - Returns: an outcome per result of the job, in their order.
    func run(_ job: Job, progress: @escaping ProgressSink) async throws -> [Outcome] {
        let request = try CanonicalJSON.line(WorkerRequest(task: job.task, memoryLimit: settings.workerMemory))
        var failure = Failure(.bug, job.slide.text, "the worker was never started")
        // A crash may be the machine's fault, so each slide has a second try in a fresh process.
        for _ in 0..<2 {
            let answer = Answer()
            let child = ChildProcess(
                executable: settings.programs.wsi,
                arguments: ["worker"],
                timeout: settings.slideTimeout,
                // A crash is expected here, and its backtrace would hide what the library said.
                environment: ["SWIFT_BACKTRACE": "enable=no"]
            )
            var watch = Stopwatch()
            let result = try await child.run(request: request) { line in
                switch try? JSONDecoder().decode(WorkerMessage.self, from: Data(line.utf8)) {
                case .patches(let count):
                    await answer.add(patches: count)
                    progress(.advanced(amount: count, of: "patches"))
                case .spent(let times, let peak): await answer.add(times, peak)
                case .outcome(let outcome): await answer.add(outcome)
                case nil: break
                }
            }
            let outcomes = await answer.outcomes
            let isGood = result.end == .exited(0) && outcomes.count == job.results.count
            progress(await answer.spent(in: watch.lap(), isGood: isGood))
            if isGood { return outcomes }
            // The next try counts them again.
            progress(.advanced(amount: -(await answer.patches), of: "patches"))
            failure = describe(result, job)
            // What libraries print may hold paths and addresses: it is for the person, not for the outcome.
            if !result.errorText.isEmpty {
                progress(.note("\(job.slide): the reading process said: \(result.errorText)"))
            }
        }
        // OpenSlide may crash of what the disk does not give it: then the slide is not to blame.
        if failure.code == .workerSignal, let fault = Slide.machineFault(at: job.task.slidePath) {
            failure = Failure(fault, subject: job.slide.text)
        }
        return Job.failed(job.slide, job.results, failure)
    }

    private func describe(_ result: ChildProcess.Result, _ job: Job) -> Failure {
        switch result.end {
        case .timedOut:
            return Failure(
                .workerTimeout,
                job.slide.text,
                "no end after \(settings.slideTimeout.components.seconds) s, twice; raise --slide-timeout or look at the slide"
            )
        case .signalled(let signal) where result.isOutOfMemory:
            return Failure(
                .workerMemory,
                job.slide.text,
                "the reading process wanted more than \(settings.workerMemory >> 20) MB and ended by signal \(signal), "
                    + "twice; the slide is damaged or needs --worker-memory"
            )
        case .signalled(let signal):
            return Failure(
                .workerSignal,
                job.slide.text,
                "the reading process ended by signal \(signal), twice; the slide is damaged or needs --worker-memory"
            )
        case .exited(ExitStatus.bug.rawValue):
            return Failure(.bug, job.slide.text, "the reading process exited with \(ExitStatus.bug.rawValue)")
        case .exited(let code):
            return Failure(
                .workerExit,
                job.slide.text,
                "a library ended the reading process with \(code), twice; the slide is damaged"
            )
        }
    }

    /// Runs at most `settings.workers` jobs at a time; `onEnd` is called in the order in which they end.
    func run(
        _ jobs: [Job],
        progress: @escaping ProgressSink,
        onEnd: (Outcome) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: [Outcome].self) { group in
            var waiting = jobs.makeIterator()
            for _ in 0..<max(1, settings.workers) {
                guard let job = waiting.next() else { break }
                group.addTask { try await run(job, progress: progress) }
            }
            while let outcomes = try await group.next() {
                try outcomes.forEach(onEnd)
                if let job = waiting.next() { group.addTask { try await run(job, progress: progress) } }
            }
        }
    }
}

extension ChildProcess.Result {
    /// Where an allocation fails, GLib and the C++ runtime say so and abort; a signal alone does not tell.
    fileprivate var isOutOfMemory: Bool {
        errorText.contains(/failed to allocate|bad_alloc|[Oo]ut of memory|[Cc]annot allocate memory/)
    }
}

private actor Answer {
    private(set) var outcomes: [Outcome] = []

    private(set) var patches = 0
    private var times = WorkTimes()
    private var peakMemory = 0

    func add(_ outcome: Outcome) { outcomes.append(outcome) }

    func add(patches: Int) { self.patches += patches }

    func add(_ times: WorkTimes, _ peak: Int) {
        self.times.add(times)
        peakMemory = max(peakMemory, peak)
    }

    /// What the worker does not account for, it was started and ended in.
    func spent(in whole: Duration, isGood: Bool) -> ProgressEvent {
        guard isGood else {
            var lost = WorkTimes()
            lost.add(whole, to: .lost)
            return .spent(lost, peakMemory: peakMemory)
        }
        times.add(max(.zero, whole - .seconds(times.total)), to: .start)
        return .spent(times, peakMemory: peakMemory)
    }
}
