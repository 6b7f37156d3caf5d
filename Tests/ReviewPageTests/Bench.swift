import CPNG
import Evaluation
import Foundation
import Records
import Sample
import Slides
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Imaging
@testable import ReviewPage

/// A job of one slide with green squares on grey, patches on exactly these squares, and what a training says of it.
final class Bench: Sendable {
    /// Apostrophe, ampersand and hash, which are allowed in a name and mean something in HTML and addresses.
    static let name = "S1 &lt'+#1"
    static let size = PixelSize(width: 3011, height: 2203)
    static let side = 200
    static let squares = [(x: 150, y: 1900), (x: 1400, y: 300), (x: 2700, y: 1501)]
    static let model = "acmil"
    /// Class names are free text.
    static let classes = ["normal", "<img src=x onerror=document.title='owned'> \"T\""]

    private let scratch: Scratch
    var root: URL { scratch.folder }
    var layout: JobLayout { JobLayout(root: root.appending(path: "job")) }
    var slidePath: URL { root.appending(path: "squares.tif") }

    init() throws {
        scratch = try Scratch()
        try writeSlide()
        try writeTiling()
        try writePrediction()
        try writeTraining()
    }

    func id() throws -> SlideID { try SlideID(Self.name) }

    func job() throws -> ReviewJob { try ReviewJob(layout) }

    private func writeSlide() throws {
        var pixels = [UInt8](repeating: 120, count: Self.size.width * Self.size.height * 3)
        for (left, top) in Self.squares {
            for y in top..<top + Self.side {
                for x in left..<left + Self.side {
                    let at = (y * Self.size.width + x) * 3
                    (pixels[at], pixels[at + 1], pixels[at + 2]) = (40, 230, 40)
                }
            }
        }
        let options = PyramidOptions(
            levels: 3,
            factor: 4,
            quality: 95,
            colour: .rgb,
            description: .none,
            resolution: .perCentimetre(20_000)
        )
        try PyramidWriter.write(PixelArray(size: Self.size, bytes: pixels), to: slidePath, options: options)
        try CanonicalJSON.write(
            ["slides": [Self.name: slidePath.path]],
            to: layout.audit.appending(path: "slides/bench.json")
        )
        let thumbnail = try Slide(path: slidePath.path).thumbnail(longestSide: 512)
        try AtomicFile.write(JPEGFile.encode(thumbnail), to: layout.thumbnails.appending(path: "\(Self.name).jpg"))
    }

    private func grid() throws -> PatchGrid {
        PatchGrid(
            slide: try id(),
            geometry: PatchGeometry(
                patchSize: Self.side,
                overlap: 0,
                targetMPP: 0.5,
                mpp: 0.5,
                sideLevel0: Self.side,
                stepLevel0: Self.side,
                level: 0,
                levelDownsample: 1,
                sideAtLevel: Self.side
            ),
            scale: SlideScale(mpp: 0.5, source: .property),
            slideSize: Self.size,
            bounds: PixelRect(x: 100, y: 50, width: 2900, height: 2100),
            corners: Self.squares.map { PixelPoint(x: $0.x, y: $0.y) }
        )
    }

    /// The same picture and prediction under another name.
    func addSlide(_ name: String) throws {
        let id = try SlideID(name)
        try CanonicalJSON.write(
            ["slides": [Self.name: slidePath.path, name: slidePath.path]],
            to: layout.audit.appending(path: "slides/bench.json")
        )
        let pictures = [Self.name, name].map { layout.thumbnails.appending(path: "\($0).jpg") }
        try AtomicFile.write(try Data(contentsOf: pictures[0]), to: pictures[1])
        var grid = try grid()
        grid.slide = id
        var file = try PredictionFile(
            contentsOf: layout.predictions.appending(path: "\(Self.model)/\(Self.name).h5")
        )
        (file.grid, file.prediction.slide) = (grid, id)
        try file.write(to: layout.predictions.appending(path: "\(Self.model)/\(name).h5"))
    }

    private func writeTiling() throws {
        let quality = #"{"ink": 0.2, "dark": 0, "focus_median": 12.5, "flags": ["ink"]}"#
        let folder = layout.root.appending(path: "20x_200px_0px_overlap")
        try PatchFile.write(grid(), attributes: ["wsi_quality": quality], to: layout.patches(in: folder, id()))
        let outcome = Outcome(
            unit: UnitID(try id()),
            stage: .tile,
            status: .ok,
            fingerprint: Fingerprint(stage: "tile", parameters: [:], inputs: [:]),
            facts: ["grid": "20x_200px_0px_overlap"]
        )
        try CanonicalJSON.write(outcome, to: layout.outcome(stage: .tile, UnitID(id())))
    }

    /// Tissue as squares of the size of a patch.
    func writeOutlines(_ squares: [(x: Int, y: Int)]) throws {
        let polygons = squares.map { square in
            let corners = [(0, 0), (Self.side, 0), (Self.side, Self.side), (0, Self.side)]
            return PlanePolygon(
                outer: corners.map { PlanePoint(x: Double(square.x + $0.0), y: Double(square.y + $0.1)) }
            )
        }
        let file = layout.contoursGeoJSON.appending(path: "\(Self.name).geojson")
        try GeoJSON(features: polygons.map { .init(polygons: [$0]) }, origin: .slide).write(to: file)
        let url = layout.outcome(stage: .tile, UnitID(try id()))
        var outcome = try CanonicalJSON.read(Outcome.self, from: url)
        outcome.outputs = ["contours_geojson/\(Self.name).geojson": try Digest.quick(fileAt: file)]
        try CanonicalJSON.write(outcome, to: url)
    }

    /// Of what is shown of the prediction.
    func digest() throws -> String {
        try #require(try job().slides.first?.forecasts[Self.model]?.digest)
    }

    /// N·attention of the three squares: 9, 4.5 and 1.5 in the first branch, the same turned around in the second.
    func writePrediction(probabilities: [Double] = [0.25, 0.75]) throws {
        let branches: [[Float]] = [[3, 1.5, 0.5], [0.5, 1.5, 3]]
        let prediction = Prediction(
            slide: try id(),
            answer: .class(ClassAnswer(probabilities, threshold: 0.4)),
            branchAttention: branches,
            attention: [1.75, 1.5, 1.75],
            corners: try grid().corners
        )
        let file = PredictionFile(
            prediction: prediction,
            classes: Self.classes,
            model: Self.model,
            folds: [0, 1],
            grid: try grid(),
            sideLevel0: nil,
            attributes: ["wsi_encoder": "he-texture-v1"]
        )
        try file.write(to: layout.predictions.appending(path: "\(Self.model)/\(Self.name).h5"))
    }

    private func writeTraining() throws {
        for (fold, probability) in [(0, 0.625), (1, 0.875)] {
            try writeFold(fold, Self.classes, [1 - probability, probability])
        }
    }

    /// The slide, of the second class, as a fold judged it.
    func writeFold(_ fold: Int, _ classes: [String], _ probabilities: [Double]) throws {
        let judged = Judged(caseID: "", target: .class(1), answer: .class(ClassAnswer(probabilities)))
        let row = FoldPredictions.Row(slide: try id(), part: "test", judged: judged)
        let folder = layout.training.appending(path: "\(Self.model)/fold_\(fold)")
        try AtomicFile.createFolder(folder)
        try FoldPredictions(classes: classes, rows: [row]).write(to: folder)
    }
}

/// Cuts tiles in the test's own process.
struct OpenSlide: SlideSource {
    let path: String

    func pyramid(of slide: SlideID) async throws -> TilePyramid { ViewTiles(of: try Slide(path: path)).pyramid }

    func tile(_ address: TileAddress, of slide: SlideID) async throws -> Data {
        try JPEGFile.encode(ViewTiles(of: Slide(path: path)).tile(address), quality: 95)
    }

    func patch(at corner: PixelPoint, side: Int, of slide: SlideID) async throws -> Data {
        try JPEGFile.encode(Slide(path: path).patch(at: corner, side: side), quality: 95)
    }
}

/// Asserts that the centre of mass in and around a rectangle lies within half a pixel of its centre, and has its area.
func expectInPlace(
    left: Double,
    top: Double,
    side: Double,
    width: Int,
    height: Int,
    _ what: String,
    mass: (Int, Int) -> Double
) {
    var (sum, atX, atY) = (0.0, 0.0, 0.0)
    for y in max(0, Int(top) - 6)..<min(height, Int(top + side) + 7) {
        for x in max(0, Int(left) - 6)..<min(width, Int(left + side) + 7) {
            let weight = mass(x, y)
            sum += weight
            atX += weight * (Double(x) + 0.5)
            atY += weight * (Double(y) + 0.5)
        }
    }
    #expect(abs(atX / sum - left - side / 2) < 0.5, "\(what): x \(atX / sum) for \(left + side / 2)")
    #expect(abs(atY / sum - top - side / 2) < 0.5, "\(what): y \(atY / sum) for \(top + side / 2)")
    #expect(abs(sum / (side * side) - 1) < 0.1, "\(what): \(sum) of \(side * side) pixels")
}
