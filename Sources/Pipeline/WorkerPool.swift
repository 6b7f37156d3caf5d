import Foundation
import Records
import Storage

/// How a stage works: nothing in here changes a result.
public struct WorkSettings: Sendable {
    /// Worker processes at a time.
    public var workers: Int
    /// Address space of one worker in bytes.
    public var workerMemory: Int
    /// A worker that takes longer for its slide is killed.
    public var slideTimeout: Duration
    /// Replace outputs of another configuration.
    public var redo: Bool
    /// Replace outputs whose upstream changed (`wsi run`).
    public var redoChangedInputs: Bool
    public var programs: Programs

    public init(
        workers: Int,
        workerMemory: Int = 2 << 30,
        slideTimeout: Duration = .seconds(1800),
        redo: Bool = false,
        redoChangedInputs: Bool = false,
        programs: Programs
    ) {
        self.workers = workers
        self.workerMemory = workerMemory
        self.slideTimeout = slideTimeout
        self.redo = redo
        self.redoChangedInputs = redoChangedInputs
        self.programs = programs
    }
}

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
                timeout: settings.slideTimeout
            )
            let result = try await child.run(request: request) { line in
                switch try? JSONDecoder().decode(WorkerMessage.self, from: Data(line.utf8)) {
                case .patches(let count): progress(.advanced(amount: count, of: "patches"))
                case .outcome(let outcome): await answer.add(outcome)
                case nil: break
                }
            }
            let outcomes = await answer.outcomes
            if result.end == .exited(0), outcomes.count == job.results.count { return outcomes }
            failure = describe(result, job)
            // What libraries print may hold paths and addresses: it is for the person, not for the outcome.
            if !result.errorText.isEmpty {
                progress(.note("\(job.slide): the reading process said: \(result.errorText)"))
            }
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
        case .signalled(let signal):
            return Failure(
                .workerSignal,
                job.slide.text,
                "the reading process ended by signal \(signal), twice; the slide is damaged or needs --worker-memory"
            )
        case .exited(let code):
            return Failure(.bug, job.slide.text, "the reading process exited with \(code)")
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

private actor Answer {
    private(set) var outcomes: [Outcome] = []

    func add(_ outcome: Outcome) { outcomes.append(outcome) }
}
