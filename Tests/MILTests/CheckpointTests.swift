import Config
import Foundation
import Messages
import Records
import Storage
import TestSupport
import Testing
import Torch

@testable import Evaluation
@testable import MIL

@Suite struct CheckpointTests {
    private func trained() throws -> (Scratch, URL) {
        let (problem, scratch) = (try Problem(), try Scratch())
        var request = problem.request(0, in: scratch.folder)
        request.training.epochs = 1
        _ = try FoldTraining(request, bags: problem.bags).run { _ in }
        return (scratch, URL(filePath: request.output))
    }

    @Test func writingAndReadingGivesTheSameCheckpoint() throws {
        let (scratch, folder) = try trained()
        var checkpoint = try Checkpoint(folder: folder)
        let copy = scratch.file("copy")
        try checkpoint.writeWeights(to: copy)
        try checkpoint.publishCard(to: copy)
        #expect(try Checkpoint(folder: copy) == checkpoint)
        #expect(checkpoint.parameters.keys.contains("attention.attention_V.0.weight"))
        #expect(checkpoint.parameters.keys.contains("Slide_classifier.fc.bias"))
    }

    /// Integrated gradients begin there; features that are standardised have it at 0.
    @Test func theMeanPatchOfTheTrainingIsKept() throws {
        let (scratch, folder) = try trained()
        defer { withExtendedLifetime(scratch) {} }
        let checkpoint = try Checkpoint(folder: folder)
        let problem = try Problem()
        let split = problem.request(0, in: scratch.folder).split
        var (sums, patches) = ([Double](repeating: 0, count: checkpoint.card.featureWidth), 0)
        for slide in split.train {
            let bag = try problem.bags.bag(slide)
            for (place, value) in bag.features.enumerated() { sums[place % bag.width] += Double(value) }
            patches += bag.count
        }
        let mean = try #require(checkpoint.trainingMean)
        let wanted = sums.map { checkpoint.standardiser == nil ? Float($0 / Double(patches)) : 0 }
        #expect(agree(mean, wanted))
        let earlier = Checkpoint(card: checkpoint.card, parameters: checkpoint.parameters, standardiser: nil)
        #expect(earlier.trainingMean == nil)
        _ = try Voice(earlier, at: folder, explaining: [.lrp], .cpu)
        let error = try #require(throws: MILError.self) { _ = try Voice(earlier, at: folder, explaining: [.ig], .cpu) }
        #expect(error.message.contains("the training's mean patch") && error.message.hasSuffix("train the fold again"))
    }

    /// Processes that train one fold at once publish the same weights, and read each other's card.
    @Test func aCardStaysBesideTheSameWeightsAndGoesBeforeOthers() throws {
        let (scratch, folder) = try trained()
        defer { withExtendedLifetime(scratch) {} }
        let card = folder.appending(path: "checkpoint.json")
        var checkpoint = try Checkpoint(folder: folder)
        try checkpoint.writeWeights(to: folder)
        #expect(try Checkpoint(folder: folder) == checkpoint)
        checkpoint.parameters["extra"] = StoredTensor(shape: [1], floats: [0])
        try checkpoint.writeWeights(to: folder)
        #expect(!FileManager.default.fileExists(atPath: card.path))
    }

    @Test func otherWeightsThanTheCardsAreRefused() throws {
        let (scratch, folder) = try trained()
        defer { withExtendedLifetime(scratch) {} }
        let file = folder.appending(path: "checkpoint.safetensors")
        var data = try Data(contentsOf: file)
        data[data.count - 1] ^= 1
        try data.write(to: file)
        let error = try #require(throws: MILError.self) { try Checkpoint(folder: folder) }
        #expect(error == .weightsDigest(path: file.path) && error.code.exitStatus == .integrity)
    }

    @Test func aMissingSurplusOrMisshapenParameterIsRefused() throws {
        let (scratch, folder) = try trained()
        defer { withExtendedLifetime(scratch) {} }
        let good = try Checkpoint(folder: folder)
        func reason(_ change: (inout [String: StoredTensor]) -> Void) throws -> String {
            var checkpoint = good
            change(&checkpoint.parameters)
            let broken = checkpoint
            return try #require(throws: MILError.self) { _ = try broken.makeModel(on: .cpu) }.message
        }
        _ = try good.makeModel(on: .cpu)
        #expect(
            try reason { $0["classifier.3.fc.bias"] = nil }.hasPrefix("the parameter classifier.3.fc.bias is missing")
        )
        #expect(try reason { $0["extra"] = StoredTensor(shape: [1], floats: [0]) }.hasPrefix("extra is no parameter"))
        #expect(
            try reason { $0["classifier.3.fc.bias"] = StoredTensor(shape: [3], floats: [0, 0, 0]) }.contains(
                "the model wants F32 [2]"
            )
        )
    }
}
