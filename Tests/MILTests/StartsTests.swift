import Foundation
import Messages
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Files
@testable import MIL

/// `training.starts`: another training where nothing was found.
@Suite struct StartsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// - Parameter shift: of the witnesses; 0: there is nothing to be found.
    private func request(
        _ shift: Float,
        _ folder: String,
        _ starts: Int?,
        _ model: ModelConfig = Problem.acmil
    ) throws -> (TrainRequest, Problem) {
        let problem = try Problem(shift: shift)
        var request = problem.request(0, in: scratch.file(folder), model)
        (request.training.epochs, request.training.selection, request.training.starts) = (4, .last, starts)
        return (request, problem)
    }

    @discardableResult
    private func train(
        _ asked: (TrainRequest, Problem),
        _ progress: (TrainProgress) -> Void = { _ in }
    ) throws -> CheckpointCard {
        _ = try FoldTraining(asked.0, bags: asked.1.bags).run(progress: progress)
        return try Checkpoint(folder: URL(filePath: asked.0.output)).card
    }

    @Test func oneStartIsToldOfNowhereAndIsWhatItWas() throws {
        let (one, left) = (try train(request(0, "one", 1)), try train(request(0, "left", nil)))
        #expect(one.starts == nil && one.weightsDigest == left.weightsDigest)
    }

    @Test func whereSomethingIsFoundTheFirstStartIsKept() throws {
        var asked = try request(3, "found", 3)
        (asked.0.training.epochs, asked.0.training.learningRate) = (40, 2e-3)
        let starts = try #require(try train(asked).starts)
        #expect(starts.count == 1 && starts[0].isKept && starts[0].hasFound && starts[0].loss < starts[0].loneAnswer)
    }

    @Test func whereNothingIsFoundAllAreTriedAndTheSmallestLossIsKept() throws {
        var totals: [Int] = []
        let card = try train(request(0, "none", 3)) { totals.append($0.total) }
        let starts = try #require(card.starts)
        #expect(starts.count == 3 && !starts.contains { $0.hasFound })
        #expect(starts.filter(\.isKept).map(\.loss) == [starts.map(\.loss).min()])
        #expect(Set(starts.map(\.loss)).count == 3, "each is from first weights of its own")
        #expect((totals.first, totals.last) == (4, 12))
        let names = try FileManager.default.contentsOfDirectory(atPath: scratch.file("none/fold_0").path)
        #expect(!names.contains { $0.contains("resume") })
    }

    @Test func aKilledTrainingKeepsTheStartsThatHaveEnded() throws {
        let whole = try request(0, "whole", 3)
        let file = URL(filePath: whole.0.output).appending(path: TrainRequest.resumeFiles[2])
        let cut = try request(0, "cut", 3)
        let there = URL(filePath: cut.0.output).appending(path: TrainRequest.resumeFiles[2])
        let folder = there.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let one = try train(whole) { said in
            // In the third start, the file is of the first two.
            if said.done == 9 { try? FileManager.default.copyItem(at: file, to: there) }
        }
        #expect(FileManager.default.fileExists(atPath: there.path))
        var done: [Int] = []
        let other = try train(cut) { done.append($0.done) }
        #expect(done == [9, 10, 11, 12], "the first two are not trained again")
        #expect(one.weightsDigest == other.weightsDigest && one.starts == other.starts && one.epoch == other.epoch)
    }

    @Test func theHostOfMHIMIsWhatBeginsAnew() throws {
        var config = MHIMConfig()
        config.hidden = 16
        let card = try train(request(0, "mhim", 2, .mhim(config)))
        #expect(card.starts?.count == 2)
    }

    @Test func withoutAValidationPartItIsRefused() throws {
        var asked = try request(0, "alone", 2)
        asked.0.split.train = (asked.0.split.train + asked.0.split.validation).sorted()
        asked.0.split.validation = []
        let refused = #expect(throws: MILError.self) { try train(asked) }
        #expect(refused.map { $0.message.contains("training.starts") } == true)
    }

    @Test func thePlanAllowsFourWhereTheyCanBeTold() throws {
        var asked = try request(3, "planned", nil)
        (asked.0.training.plan, asked.0.training.selection) = (.auto, nil)
        let card = try train(asked)
        #expect(card.plan?.lines.first { $0.key == "starts" }?.value?.number == 4 && card.starts != nil)
        asked.0.split.train = (asked.0.split.train + asked.0.split.validation).sorted()
        asked.0.split.validation = []
        let alone = try train(asked)
        #expect(alone.starts == nil)
        let line = try #require(alone.plan?.lines.first { $0.key == "starts" })
        #expect(line.value == nil && line.reason.contains("no validation part"))
    }
}
