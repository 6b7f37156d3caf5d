import Files
import Foundation
import Records
import Sample
import Storage

/// A job with one predicted slide of 320 × 313 patches of tissue, made once and kept.
///
/// Patches have a side of 64 pixels, which makes the slide's file small; what a heatmap costs depends on their number and
/// on the size of the level that the picture is made of, and that is 5,000 pixels wide as in real slides.
struct LargeJob {
    struct Spent {
        var wall, cpu: Double
        /// Of the largest single process.
        var megabytes: Int
    }

    let patches: Int
    private let job: JobLayout
    private let program: URL

    init(folder: URL, program: String) throws {
        self.program = URL(filePath: program).standardizedFileURL
        job = JobLayout(root: folder.appending(path: "job"))
        let slide = try SlideID("large")
        let path = folder.appending(path: "large.svs")
        if !FileManager.default.fileExists(atPath: path.path) {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let size = PixelSize(width: 340 * 64, height: 333 * 64)
            try PyramidWriter.write(Waves(size: size), to: path, options: PyramidOptions(levels: 3))
        }
        _ = try Self.measured(
            self.program,
            ["tile", path.path, "--out", job.root.path, "--patch-size", "64", "--workers", "1", "-q"]
        )
        let grid = try PatchFile.read(job.patches(in: job.grids(mpp: 0.5, patchSize: 64, overlap: 0), slide)).grid
        patches = grid.count
        try predict(grid)
    }

    /// Attention of five branches as a trained model may have it: most patches near zero, some high.
    private func predict(_ grid: PatchGrid) throws {
        var random = CounterRandom(seed: 1, "attention")
        let branches = (0..<5).map { _ in
            let raw = grid.corners.map { _ in exp(4 * Float(random.index(below: 1000)) / 1000) }
            let sum = raw.reduce(0, +)
            return raw.map { $0 / sum }
        }
        let mean = grid.corners.indices.map { patch in branches.reduce(0) { $0 + $1[patch] } / 5 }
        let file = PredictionFile(
            prediction: Prediction(
                slide: grid.slide,
                answer: .class(ClassAnswer([0.1, 0.9], threshold: 0.5)),
                branchAttention: branches,
                attention: mean,
                corners: grid.corners
            ),
            classes: ["normal", "tumor"],
            model: "acmil",
            folds: [0],
            grid: grid,
            sideLevel0: nil,
            attributes: [:]
        )
        try file.write(to: job.predictions.appending(path: "acmil/\(grid.slide.text).h5"))
        let fingerprint = Fingerprint(stage: "predict", parameters: [:], inputs: [:])
        let (stage, unit) = (StageName.predict(TrainingName("acmil")), UnitID(grid.slide))
        let outcome = Outcome(unit: unit, stage: stage, status: .ok, fingerprint: fingerprint)
        try CanonicalJSON.write(outcome, to: job.outcome(stage: stage, unit))
    }

    /// One run of `wsi heatmap` from nothing.
    @discardableResult
    func draw(_ flags: [String]) throws -> Spent {
        try? FileManager.default.removeItem(at: job.heatmaps)
        return try Self.measured(
            program,
            ["heatmap", job.root.path, "--model", "acmil", "--workers", "1", "-q"] + flags
        )
    }

    private static func measured(_ program: URL, _ arguments: [String]) throws -> Spent {
        let report = FileManager.default.temporaryDirectory.appending(path: "wsi-bench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: report) }
        let process = Process()
        // A process between, whose only child is the program: this one's own memory must not count.
        process.executableURL = URL(filePath: "/usr/bin/time")
        process.arguments = ["-f", "%e %U %S %M", "-o", report.path, program.path] + arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        let words = try String(contentsOf: report, encoding: .utf8).split(whereSeparator: \.isWhitespace)
        let numbers = words.suffix(4).compactMap { Double($0) }
        guard process.terminationStatus == 0, numbers.count == 4 else {
            throw Failure(.bug, program.path, "\(arguments.joined(separator: " ")) ended with an error")
        }
        let cpu = ((numbers[1] + numbers[2]) * 100).rounded() / 100
        return Spent(wall: numbers[0], cpu: cpu, megabytes: Int(numbers[3] / 1024))
    }
}

/// Colours of stained tissue that go up and down, so that its JPEG tiles are neither empty nor noise; ten patches of glass
/// around it.
private struct Waves: PixelSource {
    let size: PixelSize

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        let tissue = (x: 640..<size.width - 640, y: 640..<size.height - 640)
        var next = 0
        for y in rows {
            for x in 0..<size.width {
                let wave = (x ^ y) & 31
                let isTissue = tissue.x.contains(x) && tissue.y.contains(y)
                pixels[next] = UInt8(isTissue ? 180 + wave : 244)
                pixels[next + 1] = UInt8(isTissue ? 100 + 2 * wave : 244)
                pixels[next + 2] = UInt8(isTissue ? 170 + wave : 244)
                next += 3
            }
        }
    }
}
