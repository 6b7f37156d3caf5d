import Evaluation
import Records
import TestSupport
import Testing

@Suite struct FoldPredictionsRoundTripTests {
    /// Names that a spreadsheet would run, or a table must quote, are among the classes.
    @Test(arguments: seeds(30)) func rowsComeBackAsTheyWereWritten(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "rows")
        let classes = random.names(2 + random.index(below: 3))
        let isCalibrated = random.index(below: 2) == 0
        let rows = try (0..<1 + random.index(below: 20)).map { index in
            FoldPredictions.Row(
                slide: try SlideID("slide \(index)"),
                part: ["train", "validation", "test"][random.index(below: 3)],
                judged: JudgedClass(
                    caseID: "case \(index / 2)",
                    label: random.index(below: classes.count),
                    probabilities: classes.map { _ in random.uniform() },
                    calibrated: isCalibrated ? classes.map { _ in random.uniform() } : nil,
                    decision: random.index(below: classes.count)
                ).judged
            )
        }
        let scratch = try Scratch()
        let written = FoldPredictions(classes: classes, rows: rows)
        try written.write(to: scratch.folder)
        #expect(try FoldPredictions(folder: scratch.folder, classes: classes) == written)
    }
}
