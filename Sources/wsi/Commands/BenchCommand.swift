import ArgumentParser
import Config
import Files
import Foundation
import Pipeline
import Records
import Storage

struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast features are made on this machine.",
        discussion: """
            Three races, a row each: the encoder alone, with patches from memory; reading alone; and both together, as wsi
            features has them. busy is the share of its time in which a device computes; limit is what the workers spent
            most of their time on: decode is reading, encode is waiting for the encoder. Loading the encoder is not counted.

            An encoder is a folder or a JSON of yours, or a name: of wsi encoder list, or vit-s16, vit-b16, vit-l16 and
            vit-g14. Of a name only the architecture is taken: its weights are drawn by lot, which are as quick as real ones.
            Without --slides, slides of wsi sample are made. Slides that are given are read from their disk in both races: Linux
            is asked to let go of what it holds of them in memory. All of it lies in a folder of TMPDIR, which is removed at
            the end; weights drawn by lot take 2 bytes a number, 2.3 GB for vit-g14.

            Examples:
              wsi bench
              wsi bench --encoder vit-l16 --device cuda:all
              wsi bench --encoder uni --slides /share/slides --patches 20000 --json
            """.reflowed
    )

    @Option(
        help: ArgumentHelp(
            "A folder or a JSON of an encoder, or the name of an architecture. Default: \(RandomEncoder.usual).",
            valueName: "name|folder"
        )
    )
    var encoder: String?

    @Option(
        help: DeviceChoice.help("Where the encoder computes"),
        completion: .list(DeviceChoice.words),
        transform: DeviceChoice.argument
    )
    var device: DeviceChoice = .auto

    @Option(help: ArgumentHelp("What it computes in: auto, bf16 or fp32.", valueName: "precision"))
    var precision: Precision = .auto

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Slides, or folders that are searched for slides, in place of made ones.",
            valueName: "slide"
        )
    )
    var slides: [String] = []

    @Option(
        help: ArgumentHelp("Patches to read. Default: what the encoder alone takes in the seconds.", valueName: "n")
    )
    var patches: Int?

    @Option(help: ArgumentHelp("Seconds that each race is to take, about.", valueName: "s"))
    var seconds = 10.0

    @Option(help: ArgumentHelp("Worker processes. Default: as of wsi features.", valueName: "n"))
    var workers: Int?

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print the table and errors only.")
    var quiet = false

    @OptionGroup var log: LogOption

    func validate() throws {
        if let patches, !Bench.patchesAllowed.contains(patches) {
            throw ValidationError("--patches: 1 to \(Bench.patchesAllowed.upperBound) are allowed")
        }
        guard Bench.secondsAllowed.contains(seconds) else {
            throw ValidationError("--seconds: 0.1 to 3600 are allowed")
        }
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers: 1 to 1024 are allowed") }
    }

    func run() async throws {
        let share = MachineShare()
        let room = try WorkerRoom(workers: workers, memory: nil, share: share)
        if !quiet { (share.notes.map { "warning: \($0)" } + room.notes).forEach(Console.note) }
        let settings = WorkSettings(
            workers: room.workers,
            waiting: room.waiting,
            workerMemory: room.memory,
            programs: try Programs.installed(),
            room: room
        )
        try MachineNeeds.ofWork(settings, usesTemporaryFolder: true).check()
        let given = slides.isEmpty ? nil : try SlideList.find(paths: slides)
        if !quiet { given?.notes.forEach(Console.note) }
        TemporaryFolder.sweep()
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let (choice, cut) = try Self.encoder(encoder ?? RandomEncoder.usual, in: folder.url)
        let bench = try Bench(
            choice,
            cut,
            device: device,
            precision: precision,
            settings: settings,
            seconds: seconds,
            patches: patches
        )
        let made = folder.url.appending(path: "sample")
        let source: Bench.Source =
            if let given {
                .given(given.entries)
            } else {
                .made { try await BenchSlides.make($0, cut, workers: settings.workers, in: made) }
            }
        let isQuiet = quiet
        let (report, failures) = try await bench.run(
            in: JobLayout(root: folder.url.appending(path: "job")),
            source,
            say: { if !isQuiet { Console.note("bench: \($0)") } }
        )
        try Console.result(json ? CanonicalJSON.data(report) : Data((Self.text(report) + "\n").utf8))
        failures.forEach(Console.error)
        if !failures.isEmpty { throw ExitStatus.partial }
    }

    /// An encoder of the user's, or one of a known architecture that is made in the folder.
    private static func encoder(_ word: String, in folder: URL) throws -> (EncoderChoice, PatchCut) {
        let url = URL(filePath: word)
        let inside = url.appending(path: "encoder.json")
        let isBuiltIn = EncoderChoice.isBuiltIn(word)
        for file in [inside, url] where try isBuiltIn || isFile(file) {
            let choice = try EncoderChoice(isBuiltIn ? word : file.path)
            return (choice, choice.cut)
        }
        let weights = folder.appending(path: "encoder")
        try FileManager.default.createDirectory(at: weights, withIntermediateDirectories: true)
        guard let made = try RandomEncoder.write(word, to: weights) else {
            let isFolder = RegularFile.kind(of: url.path) == .folder
            throw Failure(
                .notFound,
                word,
                isFolder
                    ? "no encoder.json in this folder; wsi encoder import makes one of a downloaded model"
                    : "no such encoder: give a folder with encoder.json, or one of \(RandomEncoder.names.joined(separator: ", "))"
            )
        }
        return (try EncoderChoice(made.file.path), made.cut)
    }

    private static func isFile(_ url: URL) throws -> Bool {
        try RegularFile.exists(url) && RegularFile.kind(of: url.path) != .folder
    }

    private static func text(_ report: BenchReport) -> String {
        var table = TextTable()
        report.table.forEach { table.add($0) }
        return ([report.head] + table.lines + [report.forecast].compactMap { $0 }).joined(separator: "\n")
    }
}
