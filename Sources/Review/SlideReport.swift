import Foundation
import Records
import Slides
public import Storage

/// One slide's result for a colleague: a page that needs no server and no other file, and prints on A4.
public struct SlideReport: Sendable {
    /// Facts under a heading, in order.
    public typealias Section = (title: String, facts: [(String, String)])

    private let file: PredictionFile
    private var figures: [String] = []
    /// What was noticed about the slide's quality, such as pen ink.
    public var flags: [String] = []
    /// How the threshold came about.
    public var thresholdSource: String?
    public var sections: [Section] = []

    public init(_ file: PredictionFile) { self.file = file }

    /// Adds a picture, as JPEG.
    public mutating func show(_ image: RasterImage, _ caption: String) throws {
        let picture = RGBImage(width: image.width, height: image.height, pixels: image.pixels)
        let data = try JPEGFile.encode(picture, quality: 88).base64EncodedString()
        figures.append(
            """
            <figure><img alt="\(HTML.escaped(caption))" width="\(image.width)" height="\(image.height)"
            src="data:image/jpeg;base64,\(data)"><figcaption>\(HTML.escaped(caption))</figcaption></figure>

            """
        )
    }

    public var text: String {
        let slide = file.prediction.slide.text
        let facts = sections.filter { !$0.facts.isEmpty }.map { section in
            "<h2>\(HTML.escaped(section.title))</h2>\n" + HTML.definitions(section.facts)
        }
        return HTML.page(
            slide,
            """
            <h1>\(HTML.escaped(slide))</h1>
            \(verdict)<p class="note">Research use only, not for diagnosis. A map shows what a model weighed, not where disease
            is.</p>
            \(figures.joined())\(facts.joined())
            """
        )
    }

    private var verdict: String {
        let prediction = file.prediction
        let shown = HeatmapCaption(file)
        var lines = ["<strong>\(HTML.escaped(shown.result))</strong>"]
        if !shown.call.isEmpty {
            lines.append(HTML.escaped(shown.call + (thresholdSource.map { " (\($0))" } ?? "")))
        }
        if file.classes.count > 2 {
            lines.append(
                HTML.escaped(
                    zip(file.classes, prediction.probabilities).map { "\($0) \(HTML.number($1))" }
                        .joined(separator: ", ")
                )
            )
        }
        let folds = file.folds.map(String.init).joined(separator: ", ")
        lines.append("model \(HTML.escaped(file.model)), fold\(file.folds.count == 1 ? "" : "s") \(folds)")
        let warnings = flags.map { "<p class=\"flag\">\(HTML.escaped($0))</p>\n" }
        return "<p class=\"verdict\">\(lines.joined(separator: " · "))</p>\n\(warnings.joined())"
    }
}
