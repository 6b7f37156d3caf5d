import Config
import Files
import Foundation
import MIL
import Messages
import Records
import Storage
import Torch

/// The half of `wsi` that is linked to LibTorch: `wsi-compute <verb>`, started by `wsi`, with a question in a frame on standard input.
///
/// Standard output carries frames: words on the way and the answer. Standard error carries one line per error.
@main
struct WSICompute {
    static func main() {
        Installation.settle(as: "wsi-compute")
        // A reader that is gone and a file-size limit are errors of one slide, not deaths of the process.
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        ParentProcess.leaveTerminalSignalsToIt()
        ParentProcess.takeOnItsNiceness()
        do {
            try ThreadRoom.check(ThreadRoom.ofWorker)
            exit(try run(Array(CommandLine.arguments.dropFirst())).rawValue)
        } catch {
            end(Failure(computing: error))
        }
    }

    /// At once, since other threads may be at work.
    static func end(_ failure: Failure) -> Never {
        complain(failure)
        Temporaries.discardAll()
        _exit(failure.code.exitStatus.rawValue)
    }

    private static func run(_ arguments: [String]) throws -> ExitStatus {
        guard arguments.count == 1, let verb = ComputeVerb(rawValue: arguments[0]) else {
            let known = ComputeVerb.allCases.map(\.rawValue).sorted().joined(separator: "|")
            throw Failure(.usage, nil, "usage: wsi-compute \(known); it is started by wsi, which asks it over stdin")
        }
        let parent = try ParentProcess()
        try LoadedTorch.check()
        switch verb {
        case .train: try answer(TrainRequest.self, to: parent) { try train($0, for: parent) }
        case .predict: try answer(PredictRequest.self, to: parent) { try predict($0, for: parent) }
        case .faithfulness: try answer(FaithfulnessRequest.self, to: parent) { try measure($0, for: parent) }
        case .encode:
            try Encode.run(parent.question(EncodeRequest.self)) { try parent.send(Frame(.word, $0)) }
        case .bench:
            try answer(BenchRequest.self, to: parent) { request in
                // Notes are a courtesy.
                try Encode.bench(request) { try? parent.send(Frame(.word, $0)) }
            }
            // Lanes may be in the middle of a batch.
            _exit(ExitStatus.ok.rawValue)
        case .check: try answer(EncoderCheckRequest.self, to: parent, Encode.check)
        case .engine: try answer(EngineRequest.self, to: parent, Encode.engine)
        case .machine: try answer(MachineRequest.self, to: parent) { _ in try Machine.described() }
        case .devices:
            try answer(DevicesRequest.self, to: parent) { request in
                try Devices.check(request) { try parent.send(Frame(.word, $0)) }
            }
        }
        return .ok
    }

    private static func answer<Question: ComputeQuestion>(
        _ type: Question.Type,
        to parent: ParentProcess,
        _ work: (Question) throws -> Question.Answer
    ) throws {
        try parent.send(Frame(.answer, work(parent.question(type))))
    }

    private static func train(_ request: TrainRequest, for parent: ParentProcess) throws -> TrainAnswer {
        try NumericEngine.prepare(threads: request.threads)
        let bags = FeatureFileBags(
            request.features,
            parts: request.parts,
            encoder: request.facts.map(\.encoder.name) ?? request.encoder.name
        )
        // A lost reader is no reason to stop: progress is a courtesy.
        return try computing(on: request.device) {
            try FoldTraining(request, bags: bags).run { try? parent.send(Frame(.word, $0)) }
        }
    }

    private static func predict(_ request: PredictRequest, for parent: ParentProcess) throws -> Done {
        try NumericEngine.prepare(threads: request.threads)
        try computing(on: request.device) { try Inference(request).run { try parent.send(Frame(.word, $0)) } }
        return Done()
    }

    private static func measure(_ request: FaithfulnessRequest, for parent: ParentProcess) throws -> Done {
        try NumericEngine.prepare(threads: request.threads)
        try computing(on: request.device) { try MapDeletion(request).run { try parent.send(Frame(.word, $0)) } }
        return Done()
    }

    /// An error of LibTorch's names the GPU.
    private static func computing<Value>(on device: ComputeDevice, _ work: () throws -> Value) throws -> Value {
        do { return try work() } catch let error as TorchError {
            throw Failure(computing: error, subject: device == .cpu ? nil : "\(device)")
        }
    }

    private static func complain(_ failure: Failure) {
        try? FileHandle.standardError.write(contentsOf: Data("wsi: \(failure)\n".utf8))
    }
}
