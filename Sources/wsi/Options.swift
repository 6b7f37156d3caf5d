import ArgumentParser
import Foundation
import Pipeline
import Records
import Storage

/// Flags that change how fast and how carefully a stage works, never what comes out.
struct WorkOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Worker processes.", discussion: "Default: the number of cores.", valueName: "n"))
    var workers: Int?

    @Option(help: ArgumentHelp("Address space of one worker in MB.", valueName: "mb"))
    var workerMemory = 2048

    @Option(help: ArgumentHelp("Seconds that a worker may take for one slide.", valueName: "s"))
    var slideTimeout = 1800

    @Flag(help: "Replace results of another configuration.")
    var redo = false

    @Flag(name: .shortAndLong, help: "Print errors only.")
    var quiet = false

    func validate() throws {
        if let workers, !(1...1024).contains(workers) { throw ValidationError("--workers: 1 to 1024 are allowed") }
        guard (256...1_048_576).contains(workerMemory) else {
            throw ValidationError("--worker-memory: 256 to 1048576 MB are allowed")
        }
        guard (1...604_800).contains(slideTimeout) else {
            throw ValidationError("--slide-timeout: 1 to 604800 s are allowed")
        }
    }

    func settings(redoChangedInputs: Bool = false) throws -> WorkSettings {
        WorkSettings(
            workers: workers ?? ProcessInfo.processInfo.activeProcessorCount,
            workerMemory: workerMemory << 20,
            slideTimeout: .seconds(slideTimeout),
            redo: redo,
            redoChangedInputs: redoChangedInputs,
            programs: try Programs.installed()
        )
    }

    var progress: ConsoleProgress { ConsoleProgress(quiet: quiet) }
}

/// `--out JOB`: the folder of all results.
struct JobOption: ParsableArguments {
    @Option(help: ArgumentHelp("The job folder: all results go there.", valueName: "job"))
    var out: String

    var layout: JobLayout { JobLayout(root: URL(filePath: out).standardizedFileURL) }
}

/// A job folder that exists.
struct JobArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The job folder.", valueName: "job"))
    var job: String

    func layout() throws -> JobLayout {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: job, isDirectory: &isFolder), isFolder.boolValue else {
            throw Failure(.notFound, job, "there is no such job folder; wsi tile makes one")
        }
        return JobLayout(root: URL(filePath: job).standardizedFileURL)
    }
}
