import Foundation
import Imaging
import Records
import Storage
import Testing

@testable import Heatmaps

extension Range<String.Index> {
    fileprivate func splitting(_ text: String) -> (Substring, Substring) { (text[..<lowerBound], text[upperBound...]) }
}

@Suite struct SlideReportTests {
    private func file(_ classes: [String], threshold: Double?) throws -> PredictionFile {
        PredictionFile(
            prediction: Prediction(
                slide: try SlideID("S 1 & co"),
                answer: .class(ClassAnswer(classes.count == 2 ? [0.2, 0.8] : [0.2, 0.5, 0.3], threshold: threshold)),
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
        try report.show(RGBImage(width: 4, height: 4, fill: RGB(1, 2, 3)), "The map")
        let text = report.text
        #expect(text.contains("<strong>P(tumor) 0.800</strong> · Threshold 0.400, called tumor (Youden’s cut"))
        #expect(text.contains("fold 2"))
        #expect(text.contains("<p class=\"flag\">pen ink on 12 % of the tissue</p>"))
        #expect(text.contains("<dt>Size</dt><dd>512 × 256 pixels</dd>"))
        #expect(!text.contains("Nothing"))
        #expect(text.contains("src=\"data:image/jpeg;base64,/9j/"))
        #expect(text.contains("Research use only"))
    }

    @Test(arguments: [(2.1, 2), (1.4, 2), (1.0, 1), (0.7, 1)])
    func theFirstPageHoldsMapAndPanelByTheirShape(aspect: Double, rows: Int) throws {
        var report = SlideReport(try file(["normal", "tumor"], threshold: 0.4))
        report.sections = [("The slide", [("Size", "512 × 256 pixels")])]
        for name in ["The map", "The panel", "The patches"] {
            try report.show(RGBImage(width: Int(aspect * 40), height: 40, fill: RGB(1, 2, 3)), name)
        }
        let text = report.text
        #expect(text.matches(of: /<div class="row"/).count == rows)
        let first = try #require(text.range(of: "<h2>The slide</h2>")).lowerBound
        let before = ["The map", "The panel", "The patches"].map { text[..<first].contains("<figcaption>\($0)") }
        #expect(before == [true, aspect != 1, false])
        // All of the page's width, with 3 mm between two, and a caption.
        let width = aspect < 0.8 ? (182 - 3) / (2 * 28.0 / 40) : 182 / (Double(Int(aspect * 40)) / 40)
        #expect(text.contains("flex-basis:\(Int((width + 9).rounded(.up)))mm"))
    }

    @Test func aPanelIsShapedForItsPlace() {
        let wide = ReportPages.Arrangement(aspect: 2)
        #expect(wide == .stacked && wide.panelAspect(mapAspect: 2) == 182 / (205 - 91))
        #expect(ReportPages.Arrangement(aspect: 0.6).panelAspect(mapAspect: 0.6) == 0.6)
        #expect(ReportPages.Arrangement(aspect: 1).panelAspect(mapAspect: 1) == 1.414)
        #expect((1...40).allSatisfy { wide.panelAspect(mapAspect: Double($0) / 8) <= 3 })
    }

    @Test func whatReadersSaidStandsOnTheFirstPage() throws {
        var report = SlideReport(try file(["normal", "tumor"], threshold: 0.4))
        #expect(report.text.contains("No reader’s verdict was saved"))
        report.readers = [
            ReaderVerdict(reader: "Ann <1>", date: "2026-11-20", verdict: "agrees", remark: "fine & well"),
            ReaderVerdict(reader: "Bob", date: "2026-11-21", verdict: "unsure", remark: "", notes: ["1 mark"]),
        ]
        let text = report.text
        #expect(!text.contains("No reader") && !text.contains("Readers in full"))
        #expect(text.contains("Ann &lt;1&gt;</th><td>2026-11-20</td><td>agrees</td><td>fine &amp; well</td>"))
        #expect(text.contains("<td>unsure; 1 mark</td>"))
    }

    @Test func longRemarksAndManyReadersLeaveTheMapItsPlace() throws {
        var report = SlideReport(try file(["normal", "tumor"], threshold: 0.4))
        let remark = String(repeating: "a long remark\n", count: 40) + "its end"
        report.readers = (0..<12).map {
            ReaderVerdict(reader: "reader \($0)", date: "2026-11-20", verdict: "agrees", remark: remark)
        }
        for name in ["The map", "The panel"] {
            try report.show(RGBImage(width: 80, height: 40, fill: RGB(1, 2, 3)), name)
        }
        let text = report.text
        let (page, rest) = try #require(text.range(of: "Readers in full</h2>")).splitting(text)
        #expect(!page.contains("its end") && rest.matches(of: /its end/).count == 12)
        #expect(!page.contains("reader 3</th>") && page.contains("reader 4</th>") && page.contains("4 more"))
        #expect(page.matches(of: /<div class="row"/).count == 1 && rest.contains("<figcaption>The panel"))
    }

    @Test func nothingOfTheSlideOrItsModelIsHTML() throws {
        let text = SlideReport(try file(["<i>a</i>", "b", "c\""], threshold: nil)).text
        #expect(!text.contains("<b>") && !text.contains("<i>"))
        #expect(text.contains("S 1 &amp; co") && text.contains("&lt;b&gt;acmil&lt;/b&gt;"))
        #expect(text.contains("&lt;i&gt;a&lt;/i&gt; 0.200, b 0.500, c&quot; 0.300"))
    }
}
