import Foundation
import Records
import Testing
import Texture

@testable import Evaluation

/// A painted patch of tissue: ground of eosin in waves, nuclei of haematoxylin, grain of the camera.
private struct Tissue {
    static let side = 64
    static let patches = 6

    /// Of 1: as much of the stain as usual.
    var haematoxylin = 1.0
    var eosin = 1.0
    /// Nuclei in a patch at scale 1, and their radius in pixels there.
    var nuclei = 9.0
    var radius = 4.0
    /// How many pixels are one at scale 1.
    var scale = 1.0
    /// Pixels to each side that are averaged, twice.
    var blur = 0
    /// Whether it is of fibres, with long nuclei along them.
    var isFibrous = false

    /// As slides of one laboratory differ.
    init(_ random: inout CounterRandom) {
        haematoxylin = random.uniform(0.9, 1.1)
        eosin = random.uniform(0.9, 1.1)
        nuclei = random.uniform(8, 11)
        radius = random.uniform(3.7, 4.3)
    }

    /// RGB.
    func patch(_ random: inout CounterRandom) -> [UInt8] {
        var e = ground(&random)
        var h = [Double](repeating: 0, count: Self.side * Self.side)
        for _ in 0..<Int((nuclei / (scale * scale)).rounded()) { addNucleus(to: &h, &random) }
        if blur > 0 { (h, e) = (blurred(blurred(h)), blurred(blurred(e))) }
        return h.indices.flatMap { place in
            let grain = 0.02 * (random.uniform() - 0.5)
            return [(0.65, 0.07), (0.70, 0.95), (0.29, 0.11)].map { ofH, ofE in
                let density = haematoxylin * h[place] * ofH + eosin * e[place] * ofE + grain
                return UInt8(max(0, min(255, (255 * exp(-density * 2.302585)).rounded())))
            }
        }
    }

    private func ground(_ random: inout CounterRandom) -> [Double] {
        let angles = (0..<3).map { _ in random.uniform(0, 2 * Double.pi) }
        let phases = angles.map { _ in random.uniform(0, 2 * Double.pi) }
        return (0..<Self.side * Self.side).map { place in
            let (x, y) = (Double(place % Self.side) / scale, Double(place / Self.side) / scale)
            let waves = zip(angles, phases).reduce(0) { $0 + sin(0.3 * (x * cos($1.0) + y * sin($1.0)) + $1.1) / 3 }
            return isFibrous ? 0.35 * (1 + 0.7 * sin(1.1 * y + 2 * waves)) : 0.35 * (1 + 0.3 * waves)
        }
    }

    private func addNucleus(to plane: inout [Double], _ random: inout CounterRandom) {
        let centre = (x: random.uniform(0, Double(Self.side)), y: random.uniform(0, Double(Self.side)))
        let (wide, high) = isFibrous ? (radius * 2.5 * scale, radius * 0.4 * scale) : (radius * scale, radius * scale)
        for y in max(0, Int(centre.y - high))...min(Self.side - 1, Int(centre.y + high) + 1) {
            for x in max(0, Int(centre.x - wide))...min(Self.side - 1, Int(centre.x + wide) + 1) {
                let (across, down) = ((Double(x) - centre.x) / wide, (Double(y) - centre.y) / high)
                if across * across + down * down <= 1 { plane[y * Self.side + x] = 0.7 }
            }
        }
    }

    private func blurred(_ plane: [Double]) -> [Double] {
        func averaged(_ plane: [Double], _ step: Int, _ place: (Int) -> Int) -> [Double] {
            plane.indices.map { index in
                let own = place(index)
                let near = max(0, own - blur)...min(Self.side - 1, own + blur)
                return near.reduce(0) { $0 + plane[index + ($1 - own) * step] } / Double(near.count)
            }
        }
        return averaged(averaged(plane, 1) { $0 % Self.side }, Self.side) { $0 / Self.side }
    }
}

/// What is said of slides whose pictures are another laboratory's, out of focus, another organ's or of another scale, by the features of
/// `he-texture-v1`: 60 slides are trained on, and 199 are of the validation part.
@Suite struct PictureShiftTests {
    private static func bag(_ name: String, _ change: (inout Tissue) -> Void = { _ in }) -> Bag {
        var random = CounterRandom(seed: 4, name)
        var tissue = Tissue(&random)
        change(&tissue)
        let pixels = (0..<Tissue.patches).flatMap { _ in tissue.patch(&random) }
        let features = HETexture.features(ofPatches: pixels, count: Tissue.patches, side: Tissue.side)
        return Bag(unit: name, parts: [], width: HETexture.dimension, features: features)
    }

    private func flagged(
        _ count: Int,
        _ reference: BelongingReference,
        _ change: (inout Tissue) -> Void = { _ in }
    ) -> Int {
        (0..<count).count { place in
            let found = reference.finding(of: Self.bag("new\(place)", change), fold: 0)
            return Belonging(folds: found.map { [$0] } ?? []).verdict == .unlike
        }
    }

    @Test func shiftedPicturesAreFlaggedAndUsualOnesRarely() throws {
        let training = try (0..<60).map { try SlideID("t\($0)") }
        let validation = try (0..<199).map { try SlideID("v\($0)") }
        let reference = try #require(
            BelongingReference(training: training, validation: validation, fold: 0) { Self.bag($0.text) }
        )
        // Binomial of 100 with 5 of 100: 99 % lies up to 10.
        #expect(flagged(100, reference) <= 10)
        // 95 of 100 of each shift.
        #expect(flagged(40, reference) { ($0.haematoxylin, $0.eosin) = ($0.haematoxylin * 1.5, $0.eosin * 0.6) } >= 38)
        #expect(flagged(40, reference) { $0.blur = 2 } >= 38)
        #expect(flagged(40, reference) { $0.isFibrous = true } >= 38)
        // At half the µm a pixel that the file says.
        #expect(flagged(40, reference) { $0.scale = 2 } >= 38)
    }
}
