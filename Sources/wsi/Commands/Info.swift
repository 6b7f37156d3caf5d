import ArgumentParser
import Files
import Foundation
import Pipeline
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

    @Argument(help: ArgumentHelp("A slide file, or the folder of one slide in DICOM.", valueName: "slide"))
    var slide: String

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Believe a TIFF resolution given per inch.")
    var mppFromTiff = false

    @OptionGroup var reading: ReadingOptions

    /// What `--json` prints.
    private struct Report: Encodable {
        /// Why a scale cannot be used, in the words of `wsi tile`.
        struct Problem: Encodable {
            var code: ErrorCode
            var message: String
        }

        var slide: SlideFacts
        /// The version that reads it; nil where another reader does.
        var openslide: String?
        var scale: SlideScale?
        var problem: Problem?
    }

    private static func lines(of scenes: [PixelRect]) -> [(String, String)] {
        if scenes.isEmpty { return [] }
        let areImages = scenes.allSatisfy { $0.x == 0 && $0.y == 0 }
        return [("scenes", "\(scenes.count)\(areImages ? ", images of their own" : "")")]
            + scenes.enumerated().map { index, scene in
                let place = areImages ? "" : " at \(scene.x), \(scene.y)"
                return ("scene \(index + 1)", "\(scene.width) × \(scene.height) px\(place)")
            }
    }

    @OptionGroup var log: LogOption

    func run() async throws {
        guard try RegularFile.exists(URL(filePath: slide)) else {
            throw Failure(.notFound, slide, "there is no such file or folder")
        }
        let rules = try reading.rules()
        let opened: Slide
        do { opened = try Slide(path: slide, rules: rules) } catch {
            throw Failure(error, subject: URL(filePath: slide).lastPathComponent)
        }
        let facts = opened.facts
        var report = Report(slide: facts, openslide: opened.openSlide)
        // A slide without µm per pixel has an answer too.
        do { report.scale = try opened.scale(acceptInches: mppFromTiff) } catch let error as SlideError {
            report.problem = Report.Problem(code: error.code, message: error.message)
        }
        for name in try DICOMFolder.damagedNeighbours(ofSlideAt: URL(filePath: slide)) {
            Console.note(
                "\(ShownText.line(name)) beside it is damaged DICOM: were it a part of this slide, that is missing; copy it again"
            )
        }
        if json { return try Console.result(try CanonicalJSON.data(report)) }
        let scale = report.scale
        var lines = [
            ("slide", ShownText.line(URL(filePath: slide).lastPathComponent)), ("vendor", ShownText.line(facts.vendor)),
            ("size", "\(facts.size.width) × \(facts.size.height) px"),
        ]
        if let scale {
            let (width, height) = (
                Double(facts.size.width) * scale.mpp / 1000, Double(facts.size.height) * scale.mpp / 1000
            )
            lines.append(("µm per pixel", "\(scale.mpp) (from: \(scale.source.rawValue))"))
            if scale.source == .ome, let other = opened.overruledTIFFResolution {
                lines.append(("", String(format: "its TIFF resolution tags would mean %.4g; not used", other)))
            }
            lines.append(("extent", String(format: "%.2f × %.2f mm", width, height)))
        }
        lines += opened.notes.map { ("", $0) }
        if let problem = report.problem {
            lines.append(("µm per pixel", "\(problem.code.rawValue): \(ShownText.line(problem.message))"))
        }
        if let version = report.openslide { lines.append(("read by", "OpenSlide \(version)")) }
        if let power = facts.objectivePower { lines.append(("objective", "\(power)× (not used for scale)")) }
        let bounds = facts.bounds
        lines.append(("bounds", "\(bounds.width) × \(bounds.height) px at \(bounds.x), \(bounds.y)"))
        lines += Self.lines(of: facts.scenes ?? [])
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
