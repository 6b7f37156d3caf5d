/// Jobs one by one, each with its slide on the way to the stage: as many ahead of the work as there are workers.
struct StagedQueue<Jobs: IteratorProtocol> where Jobs.Element == WorkerPool.Job {
    typealias Item = (job: WorkerPool.Job, slide: StagedSlide?)

    private var jobs: Jobs
    private var begun: [Item] = []
    private let staging: Staging?
    private let ahead: Int
    private let progress: ProgressSink

    /// - Parameters:
    ///   - staging: nil: every slide is read where it lies, and no job is made before its turn.
    ///   - ahead: jobs whose slides are brought while others are worked on.
    init(_ jobs: Jobs, _ staging: Staging?, ahead: Int, progress: @escaping ProgressSink) {
        (self.jobs, self.staging, self.progress) = (jobs, staging, progress)
        self.ahead = staging == nil ? 0 : max(1, ahead)
    }

    mutating func next() -> Item? {
        fill(to: 1)
        guard !begun.isEmpty else { return nil }
        let first = begun.removeFirst()
        fill(to: ahead)
        return first
    }

    private mutating func fill(to count: Int) {
        while begun.count < count, let job = jobs.next() {
            begun.append((job, staging?.begin(job.slide, at: job.task.slidePath, progress: progress)))
        }
    }

    /// Takes back the slides that nobody has come to.
    /// - Returns: the jobs that were not handed out.
    mutating func close() async -> [WorkerPool.Job] {
        for item in begun { await item.slide?.release() }
        defer { begun = [] }
        return begun.map(\.job) + Array(IteratorSequence(jobs))
    }
}
