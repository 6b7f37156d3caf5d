import Foundation
import Pipeline
import Records
import Storage

/// `wsi worker`: one stage of one slide in a process of its own (internal). Reads one request from stdin, says
/// `WorkerMessage`s on stdout; a worker for viewing then reads more requests, and answers with `ViewReply`s.
enum Worker {
    static func main() -> Int32 {
        // Signals end a worker at once, as they should: its parent records what happened.
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        guard let line = ParentProcess.line(),
            let request = try? JSONDecoder().decode(WorkerRequest.self, from: Data(line.utf8))
        else {
            Console.line("wsi worker is started by other commands; it reads its request from stdin")
            return ExitStatus.usage.rawValue
        }
        var limit = rlimit(rlim_cur: rlim_t(request.memoryLimit), rlim_max: rlim_t(request.memoryLimit))
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return ExitStatus.bug.rawValue }
        do {
            if case .view(let task) = request.task {
                try task.serve(next: ParentProcess.line) { try FileHandle.standardOutput.write(contentsOf: $0) }
                return ExitStatus.ok.rawValue
            }
            ParentProcess.watch()
            try say(.outcome(try run(request.task)))
            return ExitStatus.ok.rawValue
        } catch {
            Console.error(Failure(error))
            return ExitStatus.bug.rawValue
        }
    }

    private static func run(_ task: WorkerTask) throws -> Outcome {
        let advanced: (Int) -> Void = { count in try? say(.patches(count)) }
        return switch task {
        case .view: throw Failure(.bug, nil, "a viewing worker has no outcome")
        case .tile(let task): try task.outcome(version: wsiVersion)
        case .texture(let task): try task.outcome(version: wsiVersion, advanced: advanced)
        case .pixels(let task): try task.outcome(version: wsiVersion, advanced: advanced)
        case .heatmap(let task): try task.outcome()
        }
    }

    private static func say(_ message: WorkerMessage) throws {
        try FileHandle.standardOutput.write(contentsOf: CanonicalJSON.line(message) + Data("\n".utf8))
    }
}
