import Foundation
import Files
public import Imaging
import Records
import Slides
public import Storage

/// One slide's result for a colleague: a page that needs no server and no other file, and prints on A4.
public struct SlideReport: Sendable {
    /// Facts under a heading, in order.
    public typealias Section = (title: String, facts: [(String, String)])

    private let file: PredictionFile
    private var pictures: [Picture] = []
    /// What was noticed about the slide's quality, such as pen ink.
    public var flags: [String] = []
    /// How the threshold came about.
    public var thresholdSource: String?
    public var sections: [Section] = []
    /// The last word of each reader.
    public var readers: [ReaderVerdict] = []
    /// A chart beside the facts, as SVG, with its caption.
    public var chart: (svg: String, caption: String)?

    public init(_ file: PredictionFile) { self.file = file }

    /// Adds a picture, as JPEG. The first is that of the map, the second the panel; `ReportPages` says where they stand.
    public mutating func show(_ image: RGBImage, _ caption: String) throws {
        let data = try JPEGFile.encode(image, quality: 88).base64EncodedString()
        pictures.append(
            Picture(
                aspect: Double(image.width) / Double(image.height),
                img: """
                    <img alt="\(HTML.escaped(caption))" width="\(image.width)" height="\(image.height)"
                    src="data:image/jpeg;base64,\(data)">
                    """,
                caption: HTML.escaped(caption)
            )
        )
    }

    struct Picture {
        /// Width by height.
        var aspect: Double
        var img: String
        var caption: String
    }

    public var text: String {
        let slide = file.prediction.slide.text
        let facts = sections.filter { !$0.facts.isEmpty }.map { section in
            "<h2>\(HTML.escaped(section.title))</h2>\n" + HTML.definitions(section.facts)
        }
        let head = """
            <h1>\(HTML.escaped(slide))</h1>
            \(verdict)<p class="note">Research use only, not for diagnosis. A map shows what a model weighed, not where disease
            is.</p>
            \(ReaderVerdict.table(readers))
            """
        let chart = chart.map { chart in
            "<figure>\n<div class=\"charts\">\(chart.svg)</div>\n<figcaption>\(HTML.escaped(chart.caption))</figcaption>\n</figure>\n"
        }
        let pages = ReportPages(pictures, taken: ReaderVerdict.height(readers))
        return HTML.page(
            slide,
            pages.first(under: head) + facts.joined() + (chart ?? "") + ReaderVerdict.inFull(readers) + pages.further
        )
    }

    private var verdict: String {
        let shown = HeatmapCaption(file)
        var lines = ["<strong>\(HTML.escaped(shown.result))</strong>"]
        if !shown.call.isEmpty {
            lines.append(HTML.escaped(shown.call + (thresholdSource.map { " (\($0))" } ?? "")))
        }
        lines += shown.further.map { HTML.escaped($0) }
        let numbers = file.prediction.answer.numbers(among: file.classes)
        if numbers.count > 2 {
            lines.append(HTML.escaped(numbers.map { "\($0) \(HTML.number($1))" }.joined(separator: ", ")))
        }
        let folds = file.folds.map(String.init).joined(separator: ", ")
        lines.append("model \(HTML.escaped(file.model)), fold\(file.folds.count == 1 ? "" : "s") \(folds)")
        let warnings = ((file.doubt.map { [$0] } ?? []) + flags).map { "<p class=\"flag\">\(HTML.escaped($0))</p>\n" }
        return "<p class=\"verdict\">\(lines.joined(separator: " · "))</p>\n\(warnings.joined())"
    }
}
