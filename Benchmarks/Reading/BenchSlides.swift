import Foundation
import Records
import Sample
import Slides

/// The slides of the benchmark, made once and kept in a folder.
struct BenchSlides {
    struct Made {
        var path: String
        var mosaic: Mosaic
        /// Of the patches, in the middle of the mosaic.
        var columns: Range<Int>
        var rows: Range<Int>

        func grid(x: Int, y: Int) throws -> PatchGrid {
            let size = mosaic.size
            return PatchGrid(
                slide: try SlideID("bench"),
                geometry: PatchGeometry(
                    patchSize: 256,
                    overlap: 0,
                    targetMPP: 0.5,
                    mpp: 0.5,
                    sideLevel0: 256,
                    stepLevel0: 256,
                    level: 0,
                    levelDownsample: 1,
                    sideAtLevel: 256
                ),
                scale: SlideScale(mpp: 0.5, source: .property),
                slideSize: size,
                bounds: PixelRect(x: 0, y: 0, width: size.width, height: size.height),
                corners: mosaic.corners(shiftedBy: PixelPoint(x: x, y: y), columns: columns, rows: rows)
            )
        }
    }

    let folder: URL

    /// A synthetic slide of 40,000 × 30,000 pixels with tiles of 256 and 4:2:2 chroma, and one made of real tiles of
    /// 240 pixels with RGB components, nil without CMU-1-Small-Region.svs.
    func all() async throws -> (made: Made, cmu: Made?) {
        let mosaic = try Mosaic(of: try await sample(), side: 256, size: PixelSize(width: 40_000, height: 30_000))
        let path = try write(mosaic, "t256_422.svs", PyramidOptions())
        let made = Made(path: path, mosaic: mosaic, columns: 54..<102, rows: 44..<74)
        guard let source = Self.cmu else { return (made, nil) }
        let real = try Mosaic(of: Slide(path: source), side: 240, size: PixelSize(width: 24_000, height: 16_320))
        let options = PyramidOptions(tileSize: 240, quality: 30, colour: .rgb)
        let realPath = try write(real, "cmu_240_rgb.svs", options)
        return (made, Made(path: realPath, mosaic: real, columns: 33..<61, rows: 17..<47))
    }

    /// A square slide for measuring memory. Its levels are 16 times smaller each: the writer holds the one below level 0,
    /// here 1/256 of the slide.
    func square(side: Int) async throws -> String {
        let mosaic = try Mosaic(of: try await sample(), side: 256, size: PixelSize(width: side, height: side))
        return try write(mosaic, "square_\(side).svs", PyramidOptions(factor: 16, bigTIFF: true))
    }

    private func sample() async throws -> Slide {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let cohort = folder.appending(path: "sample")
        try await SampleCohort.write(to: cohort, options: SampleOptions(slides: 2))
        return try Slide(path: cohort.appending(path: "slides/sample_001.svs").path)
    }

    private func write(_ mosaic: Mosaic, _ name: String, _ options: PyramidOptions) throws -> String {
        let file = folder.appending(path: name)
        if !FileManager.default.fileExists(atPath: file.path) {
            try PyramidWriter.write(mosaic, to: file, options: options)
        }
        return file.path
    }

    /// What `recode.py` makes.
    enum Form: String {
        case jpeg2000 = "j2k"
        case dicom
        case dicomJPEG2000 = "dicom-j2k"
    }

    /// The same slide in another form; the file to open.
    func recoded(_ path: String, _ form: Form, _ python: String) throws -> String {
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "recode.py").path
        let ending = form == .jpeg2000 ? ".svs" : ""
        let name = URL(filePath: path).deletingPathExtension().lastPathComponent
        let target = folder.appending(path: "\(name)_\(form.rawValue)\(ending)").path
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [script, form.rawValue, path, target]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BenchmarkError("\(script) ended with an error") }
        return form == .jpeg2000 ? target : "\(target)/0.dcm"
    }

    /// Real slides outside the repository: $WSI_SHARED_DIR, else `shared` beside the package folder.
    private static var cmu: String? {
        let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let folder =
            ProcessInfo.processInfo.environment["WSI_SHARED_DIR"].map { URL(filePath: $0) }
            ?? package.deletingLastPathComponent().appending(path: "shared")
        let path = folder.appending(path: "data/slides/CMU-1-Small-Region.svs").path
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
