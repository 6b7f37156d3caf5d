import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import MIL
@testable import Messages

@Suite struct BelongingTests {
    @Test func aPredictionTellsWhetherItsSlideIsLikeTheTrainings() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        let split = stored.problem.request(0, in: stored.scratch.folder).split
        let slide = try #require(split.test.first)
        try Inference(stored.request { _ in [0] }).run { _ in }
        let told = try #require(try stored.prediction(slide).belonging)
        #expect(told.folds.map(\.fold) == [0] && told.folds.map(\.validation) == [split.validation.count])
        #expect(told.folds.first?.findings.map(\.measure) == Belonging.Measure.allCases)
        // A training of an earlier version.
        try FileManager.default.removeItem(at: FoldFolder(stored.scratch.file("fold_0")).file(.belonging))
        try Inference(stored.request { _ in [0] }).run { _ in }
        #expect(try stored.prediction(slide).belonging?.verdict == .unknown)
    }
}
