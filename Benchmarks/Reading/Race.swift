import Foundation
import Records
import Slides

/// All contestants on one grid of one slide.
struct Race {
    struct Result {
        var ofLimit: Double
        /// Median of CPU time over ours, pair by pair of the same round.
        var overOurs: [String: Double]
        /// See `OpenSlideC.furthest`.
        var furthest: Int
    }

    /// As `BENCH_ROUNDS` says.
    private static let rounds =
        ProcessInfo.processInfo.environment["BENCH_ROUNDS"].flatMap { Int($0) }.map { max(1, $0) } ?? 5
    static let python = ProcessInfo.processInfo.environment["BENCH_PYTHON"]
    let name: String
    private let grid: PatchGrid
    private let path: String
    private let contestants: [any Contestant]

    /// - Parameter limit: a TIFF with the same tiles, where the slide is none.
    init(_ name: String, _ grid: PatchGrid, _ path: String, limit: String? = nil) throws {
        (self.name, self.grid, self.path) = (name, grid, path)
        let slide = try Slide(path: path)
        var contestants: [any Contestant] = [
            OurReading(slide: slide, grid: grid), try DecodeLimit(limit ?? path, grid),
            OpenSlideC(path: path, grid: grid),
        ]
        let wantsPeers = ProcessInfo.processInfo.environment["BENCH_PEERS"] != "none"
        if limit == nil, wantsPeers, let python = Self.python {
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
        let furthest = try OpenSlideC(path: path, grid: grid).furthest(from: Slide(path: path))
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
        return Result(ofLimit: overOurs["limit"] ?? .nan, overOurs: overOurs, furthest: furthest)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
