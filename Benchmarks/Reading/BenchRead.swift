import COpenSlide
import Config
import Files
import Foundation
import Records
import Sample
import Slides

/// CPU time of reading patches of 256 pixels from level 0, each way beside the others in one run. The last line is one
/// JSON object; the lines before it are the table.
///
///     bench-read FOLDER [SLIDE]      FOLDER keeps the slides that are made; BENCH_PYTHON names the peers' Python,
///                                    BENCH_RACES how the names of the races begin that are run
///     bench-read FOLDER --make SIDE  only makes a square slide, and prints its path
@main
struct BenchRead {
    static func main() async {
        // A peer that ends early is an error of its own, not the end of this process.
        signal(SIGPIPE, SIG_IGN)
        do { try await run() } catch {
            FileHandle.standardError.write(Data("bench-read: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func run() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let folder = arguments.first.map({ URL(filePath: $0) }) else {
            throw BenchmarkError("usage: bench-read FOLDER [SLIDE | --make SIDE]")
        }
        if arguments.dropFirst().first == "--make", let side = arguments.last.flatMap({ Int($0) }) {
            return print(try await BenchSlides(folder: folder).square(side: side))
        }
        var summary: [String: Any] = [:]
        var furthest = 0
        if let slide = arguments.dropFirst().first {
            let race = try Race("slide", try ownGrid(slide), slide)
            let result = try race.run()
            summary["slide_of_limit"] = result.ofLimit
            addPeers(result, to: &summary)
            furthest = result.furthest
        } else {
            let wanted = ProcessInfo.processInfo.environment["BENCH_RACES"] ?? ""
            for race in try await races(BenchSlides(folder: folder)) where race.name.hasPrefix(wanted) {
                let result = try race.run()
                summary["\(race.name)_of_limit"] = result.ofLimit
                furthest = max(furthest, result.furthest)
                if race.name == "shifted" { addPeers(result, to: &summary) }
            }
        }
        summary["furthest_from_openslide"] = furthest
        summary["openslide_version"] = String(cString: openslide_get_version())
        let line = try JSONSerialization.data(withJSONObject: summary, options: [.sortedKeys])
        print(String(decoding: line, as: UTF8.self))
    }

    /// One slide in the forms that scanners take. What is not there, such as the Python that codes it anew, is left out and said.
    private static func races(_ slides: BenchSlides) async throws -> [Race] {
        let (made, cmu) = try await slides.all()
        let (aligned, shifted) = (try made.grid(x: 0, y: 0), try made.grid(x: 100, y: 57))
        var races = [try Race("aligned", aligned, made.path), try Race("shifted", shifted, made.path)]
        if let cmu {
            races.append(try Race("cmu", cmu.grid(x: 0, y: 0), cmu.path))
        } else {
            print("no real slide: no race cmu")
        }
        guard let python = Race.python else {
            print("no BENCH_PYTHON: no races over JPEG 2000 and DICOM")
            return races
        }
        let j2k = try slides.recoded(made.path, .jpeg2000, python)
        for (form, limit) in [(BenchSlides.Form.jpeg2000, j2k), (.dicom, made.path), (.dicomJPEG2000, j2k)] {
            let path = try slides.recoded(made.path, form, python)
            for (name, grid) in [("aligned", aligned), ("shifted", shifted)] {
                races.append(try Race("\(form.rawValue)_\(name)", grid, path, limit: limit))
            }
        }
        return races
    }

    private static func addPeers(_ result: Race.Result, to summary: inout [String: Any]) {
        for name in ["openslide_c", "openslide_python", "tiffslide", "pyvips", "cucim"] {
            summary["\(name)_over_ours"] = result.overOurs[name] ?? NSNull()
        }
    }

    /// The middle thousand of the patches that `wsi tile` would lay over level 0.
    private static func ownGrid(_ path: String) throws -> PatchGrid {
        var config = TilingConfig()
        config.slideMPP = config.mpp
        // Not every contestant reads beyond the edge.
        config.edge = .drop
        let grid = try SlideTiling(of: Slide(path: path), id: SlideID("slide"), config: config).grid
        let surplus = max(0, grid.count - 1000)
        var some = grid
        some.corners = Array(grid.corners.dropFirst(surplus / 2).dropLast(surplus - surplus / 2))
        return some
    }
}
