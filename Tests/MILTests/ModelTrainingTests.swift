import Foundation
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Config
@testable import Files
@testable import MIL
@testable import Messages

@Suite struct ModelTrainingTests {
    private let problem: Problem
    private let scratch: Scratch

    init() throws { (problem, scratch) = (try Problem(), try Scratch()) }

    private static func mhim(_ change: (inout MHIMConfig) -> Void = { _ in }) -> ModelConfig {
        var config = MHIMConfig(host: .abmil, version: 2)
        (config.hidden, config.attentionHidden, config.mergeHeads, config.mergeHeadWidth) = (16, 8, 2, 4)
        change(&config)
        return .mhim(config)
    }

    private func request(_ model: ModelConfig, epochs: Int = 2, rate: Double = 2e-3) -> TrainRequest {
        var request = problem.request(0, in: scratch.folder, model)
        (request.training.epochs, request.training.learningRate) = (epochs, rate)
        // Five validation slides are told apart by chance too soon to choose an epoch by them.
        (request.training.selection, request.training.earlyStopping) = (.last, Recipe.EarlyStopping(patience: 0))
        return request
    }

    private var folder: URL { scratch.file("fold_0") }

    @Test func oneConfigTrainsThePlainHostAndThenTeacherAndStudent() throws {
        var steps: [TrainProgress] = []
        let result = try FoldTraining(request(Self.mhim()), bags: problem.bags).run { steps.append($0) }
        #expect(steps.map(\.done) == [1, 2, 3, 4] && steps.allSatisfy { $0.total == 4 })
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(
            names == [
                "baselines.json", "belonging.safetensors", "checkpoint.json", "checkpoint.safetensors", "history.csv",
                "host.safetensors", "host_history.csv", "predictions.csv",
            ]
        )
        #expect(Set(result.outputs.map { URL(filePath: $0).lastPathComponent }) == Set(names))
        let columns = try Table(contentsOf: folder.appending(path: "history.csv")).columns
        #expect(columns.contains("train_consistency"))
        #expect(
            try !Table(contentsOf: folder.appending(path: "host_history.csv")).columns.contains("train_consistency")
        )
        let checkpoint = try Checkpoint(folder: folder)
        #expect(checkpoint.parameters.keys.contains("teacher.feature.0.weight"))
        #expect(checkpoint.parameters.keys.contains("merge.global_q_mm"))
        _ = try checkpoint.makeModel(on: .cpu)
    }

    @Test func aHostThatWasTrainedBeforeTheKillIsNotTrainedAgain() throws {
        let request = request(Self.mhim(), epochs: 1, rate: 1e-12)
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let file = folder.appending(path: "host.safetensors")
        var host = try SafeTensors(contentsOf: file)
        let weight = try #require(host.tensors["feature.0.weight"])
        let marked = (0..<(16 * 8)).map { Float($0) / 100 }
        host.tensors["feature.0.weight"] = StoredTensor(shape: weight.shape, floats: marked)
        try host.write(to: file)
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        let teacher = try #require(Checkpoint(folder: folder).parameters["teacher.feature.0.weight"]?.floats)
        // At this rate nothing but the momentum of some steps separates the teacher from what it began as.
        #expect(zip(teacher, marked).allSatisfy { abs($0 - $1) < 0.02 })
        var other = request
        other.fingerprint = "another"
        _ = try FoldTraining(other, bags: problem.bags).run { _ in }
        let anew = try #require(Checkpoint(folder: folder).parameters["teacher.feature.0.weight"]?.floats)
        #expect(!zip(anew, marked).allSatisfy { abs($0 - $1) < 0.02 })
    }

    @Test func withoutAHostThereIsOnePhaseAndNoTraceOfAnother() throws {
        _ = try FoldTraining(request(Self.mhim()), bags: problem.bags).run { _ in }
        var steps: [TrainProgress] = []
        _ = try FoldTraining(request(Self.mhim { $0.start.host = false }), bags: problem.bags).run { steps.append($0) }
        #expect(steps.map(\.done) == [1, 2] && steps.allSatisfy { $0.total == 2 })
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(!names.contains { $0.hasPrefix("host") })
    }

    @Test(arguments: MHIMConfig.Host.allCases)
    func everyHostLearnsAPlainProblemInBothVersions(host: MHIMConfig.Host) throws {
        for version in [1, 2] {
            var config = MHIMConfig(host: host, version: version)
            (config.hidden, config.attentionHidden) = (16, 16)
            if version == 2 { (config.mergeHeads, config.mergeHeadWidth) = (2, 4) }
            if host == .transmil { (config.heads, config.landmarks) = (2, 8) }
            config.start.student = .teacher
            let model = ModelConfig.mhim(config)
            let result = try FoldTraining(request(model, epochs: 30, rate: 3e-3), bags: problem.bags).run { _ in }
            #expect((result.figures["test_auc"] ?? 0) >= 0.9, "version \(version)")
        }
    }
}
