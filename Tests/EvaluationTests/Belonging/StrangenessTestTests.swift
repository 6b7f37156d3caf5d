import Foundation
import Records
import Testing

@testable import Evaluation

@Suite struct StrangenessTestTests {
    private let validation = (1...19).map { [Double($0), 20 - Double($0)] }

    @Test func theStrangestOfTwentyIsFlaggedAndNoOther() {
        let strange = StrangenessTest.result([1000, 10], among: validation)
        #expect(strange == .init(p: 1 / 20, isReason: [true, false], asStrange: [0, 10]))
        let usual = StrangenessTest.result([10, 10], among: validation)
        #expect(usual.p > 0.5 && usual.isReason == [false, false])
    }

    @Test func eighteenValidationSlidesFlagNothing() {
        let result = StrangenessTest.result([1e9, 1e9], among: Array(validation.dropLast()))
        #expect(result.p == 1 / 19 && result.isReason == [false, false])
        let told = Belonging(folds: [.init(fold: 0, validation: 18, p: result.p, findings: [])])
        #expect(told.verdict == .cannotTell && told.note?.contains("cannot be told at 5 %") == true)
        #expect(Belonging(folds: []).verdict == .unknown)
    }

    @Test(arguments: [19, 60, 99])
    func allMeasuresTogetherKeepTheRate(count: Int) {
        var random = CounterRandom(seed: 1, "rate", count)
        // Measures of other tails that depend on each other.
        func bag() -> [Double] {
            let shared = random.uniform()
            return [exp(3 * random.uniform() + shared), 1 + shared, -log(1 - random.uniform()) + 0.1]
        }
        let trials = 1000
        let alarms = (0..<trials).count { _ in
            let others = (0..<count).map { _ in bag() }
            return StrangenessTest.result(bag(), among: others).p <= Belonging.alarmRate
        }
        // Within four standard deviations of 5 %.
        #expect(abs(Double(alarms) - 50) < 4 * (1000 * 0.05 * 0.95).squareRoot())
    }

    @Test func severalFoldsAreJudgedByTheirMean() {
        let finding = Belonging.Finding(.patches, value: 2, asStrange: 1, isReason: true)
        func fold(_ fold: Int, _ p: Double) -> Belonging.OfFold {
            .init(fold: fold, validation: 100, p: p, findings: [finding])
        }
        #expect(Belonging(folds: [fold(0, 0.02), fold(1, 0.06)]).verdict == .unlike)
        #expect(Belonging(folds: [fold(0, 0.02), fold(1, 0.2)]).verdict == .usual)
        let note = Belonging(folds: [fold(0, 0.02), fold(1, 0.06)]).note ?? ""
        #expect(note.contains("its patches lie farther") && note.contains("99 of 100 validation slides"))
    }
}
