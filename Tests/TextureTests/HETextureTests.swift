import Records
import Testing

@testable import Texture

struct HETextureTests {
    @Test func everyDimensionHasItsOwnName() {
        #expect(HETexture.names.count == HETexture.dimension)
        #expect(Set(HETexture.names).count == HETexture.dimension)
        #expect(HETexture.names[0] == "h_mean")
        #expect(HETexture.names[40] == "joint_h0_e0")
        #expect(HETexture.names[76] == "lbp_h_l0_count_0")
        #expect(HETexture.names[196] == "h_l0_gradient_mean")
        #expect(HETexture.names[236] == "h_l0_modulus_l1")
        #expect(HETexture.names[255] == "maxima_l3_prominence")
    }

    @Test func theTableOfBlocksAddsUp() {
        #expect(ColourStatistics.names.count == 32)
        #expect(StainRelations.names.count == 8 + 36)
        #expect(LocalBinaryPatterns.names.count == 120)
        #expect(GradientStatistics.firstOrderNames.count == 40)
        #expect(GradientStatistics.secondOrderNames.count == 12)
        #expect(NucleusMaxima.names.count == 8)
    }

    @Test(arguments: [32, 33, 57, 224])
    func extremePatchesGiveFiniteNumbers(side: Int) {
        var random = CounterRandom(seed: 7, "texture", side)
        let noise = Picture(side: side) { _, _ in
            let bits = random.next()
            return (UInt8(bits & 255), UInt8(bits >> 8 & 255), UInt8(bits >> 16 & 255))
        }
        let pictures = [
            Picture.uniform(Picture.white, side: side),
            Picture.uniform((0, 0, 0), side: side),
            Picture.uniform(Picture.pink, side: side),
            Picture(side: side) { x, y in (x + y) % 2 == 0 ? (255, 0, 0) : (0, 255, 0) },
            Picture(side: side) { x, y in x == side / 2 && y == side / 2 ? (254, 254, 254) : Picture.white },
            noise,
        ]
        for picture in pictures {
            let features = picture.features
            #expect(features.count == HETexture.dimension)
            #expect(features.allSatisfy { $0.isFinite })
            // No number leaves its unit's range, however extreme the patch: nothing has overflowed.
            #expect(features.prefix(248).allSatisfy { $0.magnitude < 25 })
        }
    }

    @Test(arguments: [32, 64, 224])
    func rotatedAndMirroredPatchesGiveTheSameBits(side: Int) {
        let picture = Picture.tissue(side: side)
        #expect(picture.rotated().pixels != picture.pixels)
        #expect(picture.rotated().features == picture.features)
        #expect(picture.mirrored().features == picture.features)
    }

    @Test func anUnevenHalvingTouchesOnlyItsOwnLevel() {
        // 236 halves to 118 and 59 exactly, then to 29; and only 236 divides into the coherence's tiles of 4.
        let (upright, rotated) = (Picture.tissue(side: 236).features, Picture.tissue(side: 236).rotated().features)
        for (dimension, name) in HETexture.names.enumerated() {
            if name.contains("_l3") || name.hasSuffix("l1_coherence") || name.hasSuffix("l2_coherence") {
                let scale = max(upright[dimension].magnitude, 0.1)
                #expect((upright[dimension] - rotated[dimension]).magnitude < 0.4 * scale, "\(name)")
            } else {
                #expect(upright[dimension] == rotated[dimension], "\(name)")
            }
        }
    }

    @Test func aStationaryTextureLooksTheSameAtAnySide() {
        let (small, large) = (
            Picture.tissue(side: 192, period: 32).features, Picture.tissue(side: 256, period: 32).features
        )
        #expect(small.prefix(76) == large.prefix(76))
        for (dimension, name) in HETexture.names.enumerated().dropFirst(76) {
            let scale = max(large[dimension].magnitude, 0.1)
            #expect((small[dimension] - large[dimension]).magnitude < 0.15 * scale, "\(name)")
        }
    }

    @Test func aBatchIsItsPatchesOneByOne() {
        let pictures = [Picture.tissue(side: 64), Picture.uniform(Picture.white), Picture.disc(radius: 6, side: 64)]
        let pixels = pictures.flatMap(\.pixels)
        #expect(HETexture.features(ofPatches: pixels, count: 3, side: 64) == pictures.flatMap(\.features))
        #expect(HETexture.features(ofPatches: [], count: 0, side: 64).isEmpty)
    }

    @Test func aWorkspaceRemembersNothingOfThePatchBefore() {
        let workspace = HETextureWorkspace(side: 64)
        var features = [Float](repeating: .nan, count: HETexture.dimension)
        for picture in [Picture.tissue(side: 64), Picture.uniform((0, 0, 0)), Picture.tissue(side: 64)] {
            picture.pixels.withUnsafeBufferPointer { pixels in
                features.withUnsafeMutableBufferPointer { workspace.describe(pixels, into: $0) }
            }
            #expect(features == picture.features)
        }
    }
}
