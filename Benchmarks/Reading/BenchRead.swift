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
///     bench-read FOLDER [SLIDE]      FOLDER keeps the slides that are made; BENCH_PYTHON names the peers' Python
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
        var isIdentical = true
        if let slide = arguments.dropFirst().first {
            let race = try Race("slide", try ownGrid(slide), slide)
            let result = try race.run()
            summary["slide_of_limit"] = result.ofLimit
            addPeers(result, to: &summary)
            isIdentical = result.isIdentical
        } else {
            let (made, cmu) = try await BenchSlides(folder: folder).all()
            let aligned = try Race("aligned", made.grid(x: 0, y: 0), made.path).run()
            let shifted = try Race("shifted", made.grid(x: 100, y: 57), made.path).run()
            let cmuResult = try cmu.map { try Race("cmu", $0.grid(x: 0, y: 0), $0.path).run() }
            summary["aligned_of_limit"] = aligned.ofLimit
            summary["shifted_of_limit"] = shifted.ofLimit
            summary["cmu_of_limit"] = cmuResult?.ofLimit ?? NSNull()
            addPeers(shifted, to: &summary)
            isIdentical = aligned.isIdentical && shifted.isIdentical && cmuResult?.isIdentical != false
        }
        summary["identical"] = isIdentical
        summary["openslide_version"] = String(cString: openslide_get_version())
        let line = try JSONSerialization.data(withJSONObject: summary, options: [.sortedKeys])
        print(String(decoding: line, as: UTF8.self))
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

/// All contestants on one grid of one slide.
struct Race {
    struct Result {
        var ofLimit: Double
        /// Median of CPU time over ours, pair by pair of the same round.
        var overOurs: [String: Double]
        var isIdentical: Bool
    }

    private static let rounds = 5
    private let name: String
    private let grid: PatchGrid
    private let path: String
    private let contestants: [any Contestant]

    init(_ name: String, _ grid: PatchGrid, _ path: String) throws {
        (self.name, self.grid, self.path) = (name, grid, path)
        let slide = try Slide(path: path)
        var contestants: [any Contestant] = [
            OurReading(slide: slide, grid: grid), try DecodeLimit(path, grid), OpenSlideC(path: path, grid: grid),
        ]
        if let python = ProcessInfo.processInfo.environment["BENCH_PYTHON"] {
            let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peers.py").path
            for peer in ["openslide_python", "tiffslide", "pyvips", "cucim"] {
                guard let peer = try Peer(peer, python: python, script: script, path: path, grid: grid) else {
                    continue
                }
                print("\(peer.name) is \(peer.version)")
                contestants.append(peer)
            }
        }
        self.contestants = contestants
    }

    func run() throws -> Result {
        let isIdentical = try OpenSlideC(path: path, grid: grid).equals(Slide(path: path))
        var seconds: [String: [Double]] = [:]
        for _ in 0..<Self.rounds {
            for contestant in contestants { seconds[contestant.name, default: []].append(try contestant.pass()) }
        }
        let ours = seconds["wsi"] ?? []
        var overOurs: [String: Double] = [:]
        for contestant in contestants {
            let times = seconds[contestant.name] ?? []
            let ratio = Self.median(zip(times, ours).map { $0 / $1 })
            overOurs[contestant.name] = (ratio * 1000).rounded() / 1000
            let rate = Int(Double(grid.count) / Self.median(times))
            print(
                "\(name) \(contestant.name): \(rate) patches per CPU second, "
                    + "\((ratio * 100).rounded() / 100) times ours, \(grid.count) patches"
            )
        }
        return Result(ofLimit: overOurs["limit"] ?? .nan, overOurs: overOurs, isIdentical: isIdentical)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
