import Foundation
import Records
import Storage
import Testing

@testable import Review

@Suite struct SlideReportTests {
    private func file(_ classes: [String], threshold: Double?) throws -> PredictionFile {
        PredictionFile(
            prediction: Prediction(
                slide: try SlideID("S 1 & co"),
                probabilities: classes.count == 2 ? [0.2, 0.8] : [0.2, 0.5, 0.3],
                threshold: threshold,
                branchAttention: [[0.5, 0.5]],
                attention: [0.5, 0.5],
                corners: [PixelPoint(x: 0, y: 0), PixelPoint(x: 256, y: 0)]
            ),
            classes: classes,
            model: "<b>acmil</b>",
            folds: [2],
            grid: nil,
            sideLevel0: 256,
            attributes: [:]
        )
    }

    @Test func aPageSaysWhatWasDecidedAndWhereTheThresholdComesFrom() throws {
        var report = SlideReport(try file(["normal", "tumor"], threshold: 0.4))
        report.thresholdSource = "Youden’s cut on the validation part"
        report.flags = ["pen ink on 12 % of the tissue"]
        report.sections = [("The slide", [("Size", "512 × 256 pixels")]), ("Nothing", [])]
        try report.show(RasterImage(width: 4, height: 4, filled: RGB(1, 2, 3)), "The map")
        let text = report.text
        #expect(text.contains("<strong>P(tumor) 0.800</strong> · Threshold 0.400, called tumor (Youden’s cut"))
        #expect(text.contains("fold 2"))
        #expect(text.contains("<p class=\"flag\">pen ink on 12 % of the tissue</p>"))
        #expect(text.contains("<dt>Size</dt><dd>512 × 256 pixels</dd>"))
        #expect(!text.contains("Nothing"))
        #expect(text.contains("src=\"data:image/jpeg;base64,/9j/"))
        #expect(text.contains("Research use only"))
    }

    @Test func nothingOfTheSlideOrItsModelIsHTML() throws {
        let text = SlideReport(try file(["<i>a</i>", "b", "c\""], threshold: nil)).text
        #expect(!text.contains("<b>") && !text.contains("<i>"))
        #expect(text.contains("S 1 &amp; co") && text.contains("&lt;b&gt;acmil&lt;/b&gt;"))
        #expect(text.contains("&lt;i&gt;a&lt;/i&gt; 0.200, b 0.500, c&quot; 0.300"))
    }
}
