import Foundation
import Records

/// Features by encoders whose process may die. A round is one life of it.
///
/// The slides that it had at hand are read again, one at a time and before the others. One that it dies of again, alone, fails by
/// itself: as soon as the process has done another one, or if there is none, and never where memory ran out. Any other
/// second death is the machine's fault or the encoder's and ends the work; nothing is recorded of the slides at hand.
struct EncoderRounds {
    private let server: EncoderServer
    private let pool: WorkerPool
    private let progress: ProgressSink
    /// Were at hand when the process died.
    private var suspects: [WorkerPool.Job] = []
    private var others: [WorkerPool.Job]
    /// Deaths that no slide is to blame for.
    private var deaths = 0
    /// The failure of a slide that seems to be to blame.
    private var accused: [Outcome] = []

    init(_ jobs: [WorkerPool.Job], _ server: EncoderServer, _ pool: WorkerPool, progress: @escaping ProgressSink) {
        others = jobs
        self.server = server
        self.pool = pool
        self.progress = progress
    }

    /// - Throws: `Failure` where the process cannot be loaded, or dies and no single slide is to blame.
    mutating func run(onEnd: (Outcome) throws -> Void) async throws {
        while !(suspects.isEmpty && others.isEmpty) {
            let (lost, wasAlone, death) = try await server.whileRunning { encoder in
                let (lost, wasAlone) = try await round(encoder.socket, onEnd)
                return (lost, wasAlone, lost.isEmpty ? nil : await encoder.death(within: server.patience))
            }
            if let death {
                try judge(ComputeDeath(verb: "encode", end: death), lost.map(\.job), wasAlone)
            } else {
                // The process lives on, so that only these connections were lost.
                for lost in lost { try lost.job.failed(lost.failure).forEach(onEnd) }
            }
        }
        try accused.forEach(onEnd)
    }

    /// One life of the process.
    /// - Returns: the slides that it had at hand when it was lost; whether it was one that was read alone.
    private mutating func round(
        _ socket: String,
        _ onEnd: (Outcome) throws -> Void
    ) async throws -> (lost: [WorkerPool.Lost], wasAlone: Bool) {
        func end(_ outcome: Outcome) throws {
            try onEnd(outcome)
            guard outcome.hasResult else { return }
            // It does work with others.
            try accused.forEach(onEnd)
            accused = []
        }
        let alone = suspects.map { $0.encoding(at: socket) }
        let first = try await pool.run(alone, atATime: 1, progress: progress, onEnd: end)
        suspects = first.left
        guard first.lost.isEmpty else { return (first.lost, true) }
        let rest = try await pool.run(others.map { $0.encoding(at: socket) }, progress: progress, onEnd: end)
        others = rest.left
        return (rest.lost, false)
    }

    private mutating func judge(_ death: ComputeDeath, _ lost: [WorkerPool.Job], _ wasAlone: Bool) throws {
        if wasAlone, let job = lost.first, death.mayBeOfTheWork, accused.isEmpty {
            let text = "\(death.name): \(death.words), twice with this slide, once with it alone; look at the slide"
            accused = job.failed(Failure(.workerSignal, job.slide.text, text))
            deaths = 0
            return
        }
        deaths += 1
        suspects = lost + suspects
        guard deaths < 2, accused.isEmpty else {
            let left = suspects.count + others.count
            throw death.failure(adding: ", for the second time; \(left) slide(s) are left")
        }
        progress(
            .note("\(death.name): \(death.words); it is started once more, and \(lost.count) slide(s) are read again")
        )
    }
}

extension WorkerPool.Job {
    /// The same work, with the encoders that are found there.
    func encoding(at socket: String) -> WorkerPool.Job {
        var job = self
        if case .features(var task) = task, task.socket != nil {
            task.socket = socket
            job.task = .features(task)
        }
        return job
    }

    func failed(_ failure: Failure) -> [Outcome] { Self.failed(slide, results, failure) }
}
