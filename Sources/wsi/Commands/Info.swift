import ArgumentParser
import Foundation
import Records
import Slides
import Storage

struct Info: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is in a slide.",
        discussion: """
            Size, pyramid levels, µm per pixel and where that number came from, vendor and bounds. Label and macro images
            and the scanner's private properties are never read.

            Example:
              wsi info slide.svs --json
            """.reflowed
    )

    @Argument(help: ArgumentHelp("A slide file.", valueName: "slide"))
    var slide: String

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Believe a TIFF resolution given per inch.")
    var mppFromTiff = false

    /// What `--json` prints.
    private struct Report: Encodable {
        var slide: SlideFacts
        var scale: SlideScale?
    }

    func run() async throws {
        guard FileManager.default.fileExists(atPath: slide) else {
            throw Failure(.notFound, slide, "there is no such file")
        }
        let opened: Slide
        do { opened = try Slide(path: slide) } catch {
            throw Failure(error, subject: URL(filePath: slide).lastPathComponent)
        }
        // A slide without µm per pixel has an answer too.
        let scale = try? opened.scale(acceptInches: mppFromTiff)
        if json {
            try Console.result(try CanonicalJSON.data(Report(slide: opened.facts, scale: scale)))
            return
        }
        let facts = opened.facts
        var lines = [
            ("slide", URL(filePath: slide).lastPathComponent), ("vendor", facts.vendor),
            ("size", "\(facts.size.width) × \(facts.size.height) px"),
        ]
        if let scale {
            let (width, height) = (
                Double(facts.size.width) * scale.mpp / 1000, Double(facts.size.height) * scale.mpp / 1000
            )
            lines.append(("µm per pixel", "\(scale.mpp) (from: \(scale.source.rawValue))"))
            lines.append(("extent", String(format: "%.2f × %.2f mm", width, height)))
        } else {
            lines.append(("µm per pixel", "unknown; give --slide-mpp when tiling"))
        }
        if let power = facts.objectivePower { lines.append(("objective", "\(power)× (not used for scale)")) }
        let bounds = facts.bounds
        lines.append(("bounds", "\(bounds.width) × \(bounds.height) px at \(bounds.x), \(bounds.y)"))
        for (index, level) in facts.levels.enumerated() {
            let mpp = scale.map { String(format: ", %.3f µm per pixel", $0.mpp * level.downsample) } ?? ""
            lines.append(
                ("level \(index)", "\(level.size.width) × \(level.size.height) px, 1/\(level.downsample)\(mpp)")
            )
        }
        let text = lines.map { name, value in name.padding(toLength: 14, withPad: " ", startingAt: 0) + value }
        try Console.result(text.joined(separator: "\n"))
    }
}
