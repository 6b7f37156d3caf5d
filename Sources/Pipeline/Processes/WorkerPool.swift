import Files
import Foundation
import Messages
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
            var stage: StageName
            var fingerprint: Fingerprint
        }

        var slide: SlideID
        var results: [Result]
        var task: WorkerTask
        /// Quick digest of the slide that the task is about, where its results' fingerprints do not hold it.
        var slideDigest: String?

        init(slide: SlideID, results: [Result], task: WorkerTask) {
            self.slide = slide
            self.results = results
            self.task = task
        }

        init(slide: SlideID, stage: StageName, fingerprint: Fingerprint, task: WorkerTask) {
            self.init(slide: slide, results: [Result(stage: stage, fingerprint: fingerprint)], task: task)
        }

        static func failed(_ slide: SlideID, _ results: [Result], _ failure: Failure) -> [Outcome] {
            results.map { result in
                Outcome(
                    unit: UnitID(slide),
                    stage: result.stage,
                    status: .failed,
                    failure: failure,
                    fingerprint: result.fingerprint
                )
            }
        }
    }

    /// A job whose worker lost the encoder's process.
    struct Lost: Sendable {
        var job: Job
        var failure: Failure
    }

    private enum End: Sendable {
        /// An outcome per result of the job, in their order.
        case outcomes([Outcome])
        case lost(Lost)
        /// It goes on, and waits for the encoders.
        case hasRead
        /// It goes on in another process, from the start.
        case readsAgain
        /// What still runs is to be stopped.
        case timeIsUp
    }

    /// What a reader tells of itself, and the time it took at its end.
    private typealias News = (reader: Int, end: End, took: Duration)
    private typealias Item = (job: Job, slide: StagedSlide?)

    private func timed(
        _ item: Item,
        reader: Int,
        progress: @escaping ProgressSink,
        tell: @escaping @Sendable (End) -> Void
    ) async throws -> News {
        var watch = Stopwatch()
        let end = try await end(of: item, progress: progress, tell: tell)
        return (reader, end, watch.lap())
    }

    private func end(
        of item: Item,
        progress: @escaping ProgressSink,
        tell: @escaping @Sendable (End) -> Void
    ) async throws -> End {
        let job = item.job
        guard let slide = item.slide else { return try await end(of: job, progress: progress, tell: tell) }
        return try await slide.reading(job, onFailure: { .outcomes(job.failed($0)) }) { ready in
            let end = try await end(of: ready, progress: progress, tell: tell)
            // Its next try has a copy of its own.
            if case .lost(let lost) = end { return .lost(Lost(job: job, failure: lost.failure)) }
            return end
        }
    }

    private static let environment = [
        // A crash is expected here, and its backtrace would hide what the library said.
        "SWIFT_BACKTRACE": "enable=no",
        // Pictures of a whole slide go back to the system when they are done with; without it glibc soon keeps them on its heap.
        "MALLOC_MMAP_THRESHOLD_": "\(8 << 20)",
    ]

    private func end(
        of job: Job,
        progress: @escaping ProgressSink,
        tell: @escaping @Sendable (End) -> Void
    ) async throws -> End {
        let request = try await WorkerRequest(task: job.task, memoryLimit: settings.workerMemory)
        let question = try Frame(.question, request)
        var failure = Failure(.bug, job.slide.text, "the worker was never started")
        // Of the machine, which says nothing of the slide.
        var refusal: Failure?
        // A crash may be the machine's fault, so each slide has a second try in a fresh process.
        for attempt in 0..<2 {
            if attempt > 0 { tell(.readsAgain) }
            let answer = WorkerAnswer()
            let child = ChildProcess(
                executable: settings.programs.wsi,
                arguments: ["worker"],
                timeout: settings.slideTimeout,
                environment: Self.environment
            )
            var watch = Stopwatch()
            let result = try await child.run(question) { frame in
                switch try? frame.value(WorkerMessage.self, of: .word) {
                case .patches(let count):
                    await answer.add(patches: count)
                    progress(.advanced(amount: count, of: "patches"))
                case .hasRead: tell(.hasRead)
                case .spent(let times, let peak): await answer.add(times, peak)
                case .outcome(let outcome): await answer.add(outcome)
                case .encoderLost(let failure): await answer.lose(failure)
                case nil: break
                }
            }
            let outcomes = await answer.outcomes
            let isGood = result.end == .exited(0) && outcomes.count == job.results.count
            progress(await answer.spent(in: watch.lap(), isGood: isGood))
            if isGood { return .outcomes(outcomes) }
            // Of a child that this command ended the slide is not to blame.
            try Task.checkCancellation()
            Ending.processWasLost()
            // The next try counts them again.
            progress(.advanced(amount: -(await answer.patches), of: "patches"))
            if let failure = await answer.lost { return .lost(Lost(job: job, failure: failure)) }
            failure = describe(result, job)
            if result.end == .exited(ExitStatus.temporary.rawValue) { refusal = result.failure } else { refusal = nil }
            // What libraries print may hold paths and addresses: it is for the person, not for the outcome.
            if !result.errorText.isEmpty {
                progress(.note("\(job.slide): the reading process said: \(result.errorText)"))
            }
        }
        if let refusal { throw refusal }
        // OpenSlide may crash of what the disk does not give it: then the slide is not to blame.
        if failure.code == .workerSignal, let fault = Slide.machineFault(at: job.task.slidePath) {
            failure = Failure(fault, subject: job.slide.text)
        }
        return .outcomes(Job.failed(job.slide, job.results, failure))
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
                "the reading process ended by signal \(signal), twice; the slide is damaged, its disk failed, or it needs --worker-memory"
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

    /// At most so many jobs read at a time, and beside them `settings.waiting` wait for their last features; `onEnd` is called in the order in which they end. Where a worker loses the encoder's
    /// process, no more are begun.
    /// - Parameters:
    ///   - jobs: made one by one: those of a cohort fill much memory.
    ///   - atATime: nil takes `settings.workers`.
    /// - Returns: the jobs without an outcome.
    /// - Throws: `TimeIsUp` where some are left for want of time; what `onEnd` throws.
    @discardableResult
    func run(
        _ jobs: some Sequence<Job>,
        atATime: Int? = nil,
        progress: @escaping ProgressSink,
        onEnd: (Outcome) throws -> Void
    ) async throws -> (lost: [Lost], left: [Job]) {
        let workers = max(1, atATime ?? settings.workers)
        return try await withThrowingTaskGroup(of: News.self) { group in
            var clock = UnitClock(settings.time)
            var waiting = StagedQueue(jobs.makeIterator(), settings.staging, ahead: workers, progress: progress)
            var lost: [Lost] = []
            var slots = WorkerSlots(workers, waiting: atATime == nil ? settings.waiting : 0)
            let (news, told) = AsyncStream.makeStream(of: News.self)
            func begin() {
                while slots.hasFree, clock.mayBegin, lost.isEmpty, let item = waiting.next() {
                    let reader = slots.begin()
                    group.addTask {
                        try await timed(item, reader: reader, progress: progress) { told.yield((reader, $0, .zero)) }
                    }
                }
            }
            func listen() {
                group.addTask {
                    for await one in news { return one }
                    throw CancellationError()
                }
            }
            begin()
            if slots.running > 0 {
                listen()
                if let limit = settings.time {
                    group.addTask {
                        try await limit.wait()
                        return (0, .timeIsUp, .zero)
                    }
                }
            }
            do {
                while slots.running > 0, let (reader, end, took) = try await group.next() {
                    switch end {
                    case .hasRead:
                        slots.hasRead(reader)
                        listen()
                    case .readsAgain:
                        slots.readsAgain(reader)
                        listen()
                    case .outcomes, .lost:
                        slots.end(reader)
                        clock.took(took)
                        if case .outcomes(let outcomes) = end { try outcomes.forEach(onEnd) }
                        if case .lost(let one) = end { lost.append(one) }
                    case .timeIsUp: throw TimeIsUp()
                    }
                    begin()
                }
            } catch {
                if error is TimeIsUp { Ending.processWasLost() }
                // What has ended beside it counts all the same.
                group.cancelAll()
                while let result = await group.nextResult() {
                    if case .success((_, .outcomes(let outcomes), _)) = result { try? outcomes.forEach(onEnd) }
                }
                _ = await waiting.close()
                throw error
            }
            group.cancelAll()
            let left = await waiting.close()
            if lost.isEmpty, !left.isEmpty { throw TimeIsUp() }
            return (lost, left)
        }
    }
}
