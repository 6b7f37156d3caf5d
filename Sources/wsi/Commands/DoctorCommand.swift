import ArgumentParser
import Files
import Foundation
import Heatmaps
import Pipeline
import Records
import ReviewPage
import Storage

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at the installation and the machine, and say what to mend.",
        discussion: """
            A line for each: the programs and LibTorch, the libraries with their known security faults, the processor, memory
            and limits with who sets them, a Slurm job, the GPUs and their driver, what every device makes of products of
            matrices whose numbers are known, and how fast, fonts, what wsi review needs, and the folders that are written
            to, each ok, warn or fail with what mends it. A wrong number is a failure. With a job, or where one is to be, a small file is written, renamed, read and removed there.
            Exit codes: 0 nothing fails, 2 something has to be mended, 75 the machine is short of something now.

            Examples:
              wsi doctor
              wsi doctor study --json
            """.reflowed
    )

    @Argument(help: ArgumentHelp("A job folder, or where one is to be.", valueName: "job"))
    var job: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var log: LogOption

    func run() async throws {
        let place = job.map { URL(filePath: $0).standardizedFileURL }
        if let place, case .regular = RegularFile.kind(of: place.path) {
            throw Failure(.usage, place.path, "a file; the folder of a job is wanted")
        }
        let doctor = Doctor(programs: try Programs.installed(), job: place)
        let report = await doctor.run(pictures: [Self.pictures(), Self.viewer(), Self.browser()])
        try Console.result(json ? CanonicalJSON.data(report) : Data((Self.text(report) + "\n").utf8))
        try report.exitStatus.throwUnlessOK()
    }

    private static func pictures() -> DoctorReport.Line {
        let libraries = "libpng \(PictureLibraries.png), FreeType \(PictureLibraries.freeType ?? "does not start")"
        do { try PictureLibraries.checkFonts() } catch {
            return .fail(
                "pictures",
                "\(libraries); the font cannot be used (\(Failure(error).subject ?? ""))",
                fix: "install Debian's fonts-dejavu-core or name a TrueType file in WSI_FONT"
            )
        }
        return .ok("pictures", "\(libraries), fonts")
    }

    private static func viewer() -> DoctorReport.Line {
        let folder = PageAssets.leaflet(environment: ProcessInfo.processInfo.environment)
        do { _ = try PageAssets(leaflet: folder) } catch {
            let fix = "for wsi review install Debian's libjs-leaflet, or name its folder in WSI_LEAFLET"
            return .warn("review page", "the viewer library Leaflet is not in \(folder.path)", fix: fix)
        }
        return .ok("review page", "Leaflet in \(folder.path)")
    }

    private static func browser() -> DoctorReport.Line {
        let known = [
            "xdg-open", "firefox", "firefox-esr", "chromium", "chromium-browser", "google-chrome", "microsoft-edge",
        ]
        if let program = DoctorReport.program(known) { return .ok("browser", program) }
        return .warn(
            "browser",
            "none here, which wsi review alone would want",
            fix: "look from another machine: ssh -L 8370:localhost:8370"
        )
    }

    private static func text(_ report: DoctorReport) -> String {
        let width = report.lines.map(\.subject.count).max() ?? 0
        let lines = report.lines.map { line in
            let verdict = line.verdict.rawValue.padding(toLength: 4, withPad: " ", startingAt: 0)
            let subject = line.subject.padding(toLength: width, withPad: " ", startingAt: 0)
            return "\(verdict)  \(subject)  \(line.text)\(line.fix.map { "; \($0)" } ?? "")"
        }
        let count = report.count
        return (lines + ["doctor: \(count(.ok)) ok, \(count(.warn)) warn, \(count(.fail)) fail"]).joined(
            separator: "\n"
        )
    }
}
