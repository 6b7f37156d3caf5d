public import ArgumentParser
import Files
import Foundation
public import Pipeline
import Records
import Storage

/// Flags that change how fast and how carefully a stage works, never what comes out.
struct WorkOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Worker processes.",
            discussion:
                "Default: the cores that this process may use, also by its Slurm job and control groups. Fewer where memory is short.",
            valueName: "n"
        )
    )
    var workers: Int?

    @Option(help: ArgumentHelp("Address space of one worker in MB. Default: 2048.", valueName: "mb"))
    var workerMemory: Int?

    @Option(help: ArgumentHelp("Seconds that a worker may take for one slide.", valueName: "s"))
    var slideTimeout = 1800

    @Flag(help: "Replace results of another configuration.")
    var redo = false

    @OptionGroup var time: TimeOption

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    @OptionGroup var log: LogOption

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers: 1 to 1024 are allowed") }
        guard (256...1_048_576).contains(workerMemory ?? 2048) else {
            throw ValidationError("--worker-memory: 256 to 1048576 MB are allowed")
        }
        guard (1...604_800).contains(slideTimeout) else {
            throw ValidationError("--slide-timeout: 1 to 604800 s are allowed")
        }
    }

    /// - Parameter isTimed: whether the command is to end by `--time-left`.
    /// - Throws: `Failure` where the machine gives no room for a single worker.
    func settings(
        _ selection: SelectionOptions? = nil,
        redoChangedInputs: Bool = false,
        isTimed: Bool = true
    ) async throws -> WorkSettings {
        let share = MachineShare()
        let room = try WorkerRoom(workers: workers, memory: workerMemory.map { $0 << 20 }, share: share)
        if !quiet { (share.notes.map { "warning: \($0)" } + room.notes).forEach(Console.note) }
        return WorkSettings(
            workers: room.workers,
            waiting: room.waiting,
            workerMemory: room.memory,
            slideTimeout: .seconds(slideTimeout),
            redo: redo,
            redoChangedInputs: redoChangedInputs,
            selection: selection?.selection ?? Selection(),
            programs: try Programs.installed(),
            room: room,
            time: isTimed ? await time.limit(quiet: quiet) : nil
        )
    }

    var progress: ConsoleProgress { ConsoleProgress(quiet: quiet) }
}

/// `--dry-run`: look, and do nothing.
struct DryRunOption: ParsableArguments {
    @Flag(help: "Only say what would be done: slides, patches, disk, time, and what would fail. Writes nothing.")
    var dryRun = false

    /// Lets `look` find out what there is, and prints it.
    func report(_ settings: WorkSettings, _ look: (@escaping ProgressSink) async throws -> [Preview]) async throws {
        let progress = ConsoleProgress()
        let previews = try await look(progress.sink)
        progress.close()
        for preview in previews {
            preview.notes.forEach(Console.note)
            (preview.failures + preview.leftOut.map(\.failure)).forEach(Console.error)
            try Console.result(Self.text(preview, workers: settings.workers))
        }
        try Console.result("nothing was written")
        try ExitStatus.worst(previews.map(\.exitStatus)).throwUnlessOK()
    }

    private static func text(_ preview: Preview, workers: Int) -> String {
        let number = Throughput.grouped
        let measured = preview.measured == 0 ? "" : ", measured on \(preview.measured) slide(s)"
        let time = preview.seconds.map { "about \(Throughput.clock($0)) with \(workers) worker(s)\(measured)" }
        let head =
            "\(preview.stage): \(number(preview.waiting)) slide(s) to do, \(number(preview.done)) done, "
            + "\(number(preview.failed)) would fail"
        guard preview.waiting > 0 else { return head }
        return """
            \(head)
              patches  about \(number(preview.patches.whole))
              disk     about \(number((preview.bytes / 1e6).rounded(.up).whole)) MB
              time     \(time ?? "not known before a first run of this stage in this job")
            """
    }
}

/// Which slides a stage works on.
struct SelectionOptions: ParsableArguments {
    @Flag(help: "Only slides that failed in this stage before.")
    var fromFailed = false

    @Option(
        help: ArgumentHelp(
            "Only this part of the slides, such as 1/4 to 4/4.",
            discussion: "By a hash of the slide's id: the same on every machine, and unmoved by slides that are added.",
            valueName: "i/n"
        )
    )
    var shard: Shard?

    var selection: Selection { Selection(fromFailed: fromFailed, shard: shard) }
}

extension Shard: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

/// `--allow-scale-mismatch`.
struct MismatchOption: ParsableArguments {
    @Flag(help: "Go on with features whose µm per pixel or side of a patch differ; predictions record it.")
    var allowScaleMismatch = false
}

/// `--out JOB`: the folder of all results.
struct JobOption: ParsableArguments {
    @Option(help: ArgumentHelp("The job folder: all results go there.", valueName: "job"))
    var out: String

    @OptionGroup var links: LinksOption

    /// - Throws: `StorageError.leavesJob` where one of its folders is a link out of it.
    func layout() throws -> JobLayout {
        let layout = JobLayout(root: URL(filePath: out).standardizedFileURL)
        try links.fence(layout)
        return layout
    }
}

/// A job folder that exists, and that results are written to.
struct WrittenJob: ParsableArguments {
    @OptionGroup var job: JobArgument
    @OptionGroup var links: LinksOption

    /// - Throws: `Failure` where it is not there, `StorageError.leavesJob` where one of its folders is a link out of it.
    func layout() throws -> JobLayout {
        let layout = try job.layout()
        try links.fence(layout)
        return layout
    }
}

/// `--follow-links`.
struct LinksOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A folder outside of the job that links in it may lead into; may be given several times.",
            valueName: "folder"
        )
    )
    var followLinks: [String] = []

    /// - Parameter reads: whether reading is held to it too.
    func fence(_ layout: JobLayout, reads: Bool = false) throws {
        let folders = followLinks.map { URL(filePath: $0).standardizedFileURL }
        try JobFence.raise(around: layout.root, following: folders, reads: reads)
    }
}

/// A job folder that exists.
struct JobArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The job folder.", valueName: "job"))
    var job: String

    func layout() throws -> JobLayout {
        let root = URL(filePath: job)
        guard try RegularFile.exists(root), RegularFile.kind(of: root.path) == .folder else {
            throw Failure(.notFound, job, "there is no such job folder; wsi tile makes one")
        }
        return JobLayout(root: root.standardizedFileURL)
    }
}
