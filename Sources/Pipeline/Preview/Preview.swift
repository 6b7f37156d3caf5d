import Foundation
public import Records
import Storage
import Synchronization

/// What a stage would do, found out by `--dry-run` without writing anything: every slide that waits is opened, and a few of
/// them are worked on for the estimates.
public struct Preview: Equatable, Sendable {
    public var stage: StageName
    /// Slides with a valid result.
    public var done: Int
    public var waiting: Int
    /// Of the waiting slides.
    public var patches = 0.0
    /// Slides on which the estimates were measured; 0 where nothing is estimated.
    public var measured = 0
    /// Of what would be written.
    public var bytes = 0.0
    /// nil where nothing tells.
    public var seconds: Double?
    /// What would fail, as far as opening the slides tells.
    public var failures: [Failure] = []
    /// Slides that were found and cannot be worked on.
    public var leftOut: [LeftOutFiles] = []
    public var notes: [String] = []

    /// Slides that would not become results.
    public var failed: Int { leftOut.reduce(failures.count) { $0 + $1.count } }

    public init(stage: StageName, done: Int, waiting: Int) {
        (self.stage, self.done, self.waiting) = (stage, done, waiting)
    }

    public var exitStatus: ExitStatus {
        var report = StageReport(stage: stage)
        report.failures = failures
        report.leftOut = leftOut
        return report.exitStatus
    }

    /// HDF5's own part of a patch or feature file, with its attributes.
    static let frameBytes = 12_000
    static let measuredSlides = 8

    /// About as many as `measuredSlides`, spread over the list.
    static func sample<Element>(_ items: [Element]) -> Set<Int> {
        let count = min(measuredSlides, items.count)
        return Set((0..<count).map { $0 * items.count / count })
    }

    /// Adds a failure where the disk has less room than is wanted.
    mutating func checkSpace(at layout: JobLayout) {
        guard let free = Self.freeBytes(at: layout.root), bytes > free else { return }
        func megabytes(_ bytes: Double) -> String { Throughput.grouped((bytes / 1e6).rounded(.down).whole) }
        failures.append(
            Failure(
                .noSpace,
                layout.root.path,
                "\(stage) needs about \(megabytes(bytes)) MB, \(megabytes(free)) MB are free; use another disk"
            )
        )
    }

    /// Of the folder that is there already.
    static func freeBytes(at folder: URL) -> Double? {
        var folder = folder
        while !FileManager.default.fileExists(atPath: folder.path), folder.path != "/" {
            folder.deleteLastPathComponent()
        }
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        return (facts?[.systemFreeSize] as? NSNumber)?.doubleValue
    }
}

/// What looking into slides found.
struct Survey {
    /// Of slides that could be looked into, by their id.
    private(set) var found: [SlideID: [SurveyTask.Figure: Double]] = [:]
    private(set) var failures: [Failure] = []
    /// Of one process, for its start and end.
    private(set) var startSeconds = 0.0

    init(found: [SlideID: [SurveyTask.Figure: Double]]) { self.found = found }

    init(_ tasks: [SurveyTask], _ settings: WorkSettings, progress: @escaping ProgressSink) async throws {
        var settings = settings
        // To look at a slide takes a small part of it.
        settings.staging = nil
        // What only looks leaves nothing for another time.
        settings.time = nil
        let starts = Mutex<(seconds: Double, count: Int)>((0, 0))
        let jobs = tasks.map { task in
            let fingerprint = Fingerprint(stage: SurveyTask.stage.text, parameters: [:], inputs: [:])
            return WorkerPool.Job(
                slide: task.slide,
                stage: SurveyTask.stage,
                fingerprint: fingerprint,
                task: .survey(task)
            )
        }
        progress(.began(stage: SurveyTask.stage.text, units: jobs.count, done: 0))
        let listener: ProgressSink = { event in
            guard case .spent(let times, _) = event else { return progress(event) }
            starts.withLock { $0 = ($0.seconds + (times.seconds[.start] ?? 0), $0.count + 1) }
        }
        var outcomes: [Outcome] = []
        try await WorkerPool(settings: settings).run(jobs, progress: listener) { outcome in
            outcomes.append(outcome)
            progress(.finished(unit: outcome.unit.text, failure: nil))
        }
        failures = outcomes.sorted { $0.unit < $1.unit }.compactMap(\.failure)
        for outcome in outcomes where outcome.hasResult { found[outcome.slide] = SurveyTask.figures(of: outcome) }
        startSeconds = starts.withLock { $0.count == 0 ? 0 : $0.seconds / Double($0.count) }
    }

    func values(_ figure: SurveyTask.Figure) -> [Double] { found.values.compactMap { $0[figure] } }

    /// nil without a measured slide.
    func mean(_ figure: SurveyTask.Figure) -> Double? {
        let values = values(figure)
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// A figure summed over all slides: those that are measured, and the others by how many patches would fit on them.
    func total(_ figure: SurveyTask.Figure) -> Double {
        let measured = found.values.filter { $0[figure] != nil }
        let candidates = measured.reduce(0) { $0 + ($1[.candidates] ?? 0) }
        let share = candidates > 0 ? measured.reduce(0) { $0 + ($1[figure] ?? 0) } / candidates : 0
        return found.values.reduce(0) { $0 + ($1[figure] ?? share * ($1[.candidates] ?? 0)) }
    }
}

extension WorkSettings {
    /// Wall time of work that is shared out among the workers.
    func seconds(ofWork work: Double, slides: Int) -> Double { work / Double(max(1, min(workers, slides))) }
}
