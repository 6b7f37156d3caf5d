import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Pipeline
@testable import Storage

@Suite struct EnsembleTargetsTests {
    private func voice(_ targets: [String?]) throws -> EnsembleVoice {
        EnsembleVoice(
            training: TrainingFolder(at: URL(filePath: "/job/training/m")),
            targets: targets.map { target in
                PredictedVoices(
                    target: target,
                    classes: ["amount"],
                    answer: .number(NumberAnswer(1)),
                    folds: [0],
                    answers: [.number(NumberAnswer(1))],
                    areRisksComparable: false
                )
            }
        )
    }

    /// Whichever slide comes first, no table is left out for want of an answer in one file.
    @Test func slidesOfOtherTargetsAreNotJoined() throws {
        let (one, two) = (try SlideID("a"), try SlideID("b"))
        let (both, single) = (try voice(["os", "amount"]), try voice([nil]))
        #expect(try EnsemblePrediction.targets(of: []).isEmpty)
        #expect(try EnsemblePrediction.targets(of: [(one, [both]), (two, [both, both])]) == ["os", "amount"])
        #expect(try EnsemblePrediction.targets(of: [(one, [single])]) == [nil])
        for slides in [[(one, [both]), (two, [single])], [(one, [single]), (two, [both])], [(one, [both, single])]] {
            let failure = #expect(throws: Failure.self) { try EnsemblePrediction.targets(of: slides) }
            #expect(failure?.message.contains("--redo") == true)
        }
    }
}
