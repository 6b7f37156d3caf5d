import Files
import Foundation
import MIL
import Messages
import Records
import Storage
import Torch

/// The half of `wsi` that is linked to LibTorch: `wsi-compute <verb>` with a JSON request as one line of standard input.
///
/// Standard output carries one JSON object per line (`ComputeLine`), standard error one line per error.
@main
struct WSICompute {
    /// What each verb does with its request.
    static let verbs: [String: @Sendable (Data) throws -> ComputeResult] = [
        "train": { data in
            let request = try decode(TrainRequest.self, data)
            try NumericEngine.prepare(threads: request.threads)
            let bags = FeatureFileBags(
                request.features,
                parts: request.parts,
                encoder: request.facts.map(\.encoder.name) ?? request.encoder.name
            )
            return try FoldTraining(request, bags: bags).run(progress: report)
        },
        "predict": { data in
            let request = try decode(PredictRequest.self, data)
            try NumericEngine.prepare(threads: request.threads)
            try Inference(request).run { try write(ComputeLine(ended: $0)) }
            return ComputeResult()
        },
        "encode": { data in try Encode.run(decode(EncodeRequest.self, data)) },
        "check": { data in try Encode.check(decode(EncoderCheckRequest.self, data)) },
        "engine": { data in try Encode.engine(decode(EngineRequest.self, data)) },
        "machine": { _ in try Machine.described() },
    ]

    static func main() {
        // A reader that is gone and a file-size limit are errors of one slide, not deaths of the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        ParentProcess.leaveTerminalSignalsToIt()
        do {
            try ThreadRoom.check(ThreadRoom.ofWorker)
            exit(try run(Array(CommandLine.arguments.dropFirst())).rawValue)
        } catch {
            let failure = Failure(computing: error)
            complain(failure)
            exit(failure.code.exitStatus.rawValue)
        }
    }

    private static func run(_ arguments: [String]) throws -> ExitStatus {
        guard arguments.count == 1, let verb = verbs[arguments[0]] else {
            let known = verbs.keys.sorted().joined(separator: "|")
            throw Failure(.usage, nil, "usage: wsi-compute \(known) < request.json; it is started by wsi")
        }
        guard let request = ParentProcess.request() else {
            throw Failure(.usage, nil, "standard input is empty; a request in JSON, as one line, is wanted")
        }
        try write(ComputeLine(result: verb(Data(request.utf8))))
        return .ok
    }

    private static func decode<Request: Decodable>(_ type: Request.Type, _ data: Data) throws -> Request {
        do { return try JSONDecoder().decode(type, from: data) } catch let error as any ReportableError {
            throw error
        } catch { throw Failure(.usage, nil, "the request is no \(type): \(error)") }
    }

    /// A lost reader is no reason to stop: progress is a courtesy.
    @Sendable private static func report(_ progress: ComputeProgress) { try? write(ComputeLine(progress: progress)) }

    private static func write(_ line: ComputeLine) throws {
        let data = try CanonicalJSON.line(line) + Data("\n".utf8)
        try data.withUnsafeBytes { try AtomicFile.writeAll($0, to: STDOUT_FILENO, path: "standard output") }
    }

    @Sendable private static func complain(_ failure: Failure) {
        try? FileHandle.standardError.write(contentsOf: Data("wsi: \(failure)\n".utf8))
    }
}
