import Files
import Foundation
import Records
import Testing

@testable import Config
@testable import Pipeline

@Suite struct TilingOfOutcomesTests {
    private func outcome(_ tiling: TilingConfig, without key: String? = nil, mpp: Double? = nil) throws -> Outcome {
        var parameters = try Fingerprint.parameters(of: tiling)
        if let key { parameters[key] = nil }
        if let mpp { parameters["slide_mpp"] = "\(mpp)" }
        let fingerprint = Fingerprint(stage: "tile", parameters: parameters, inputs: [:])
        return Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
    }

    @Test func howASlideWasTiledIsInItsFingerprint() throws {
        var tiling = TilingConfig()
        (tiling.patchSize, tiling.overlap, tiling.mask.closeUM) = (224, 32, 10)
        let read = try TileStage.tiling(of: outcome(tiling, mpp: 0.25))
        #expect(read.tiling == tiling && read.mpp == 0.25)
        tiling.edge = .drop
        #expect(try TileStage.tiling(of: outcome(tiling)).tiling == tiling)
    }

    /// To the byte what it was before slides could be read in other ways: else every slide of every job is tiled again.
    @Test func theUsualTilingHasTheFingerprintOfBefore() throws {
        let text = String(decoding: try CanonicalJSON.line(TileStage.parameters(of: TilingConfig())), as: UTF8.self)
        let mask =
            #"{\"background\":\"bright\",\"close_um\":32,\"mask_mpp\":8,\"min_area_um2\":40000,\"min_hole_um2\":40000}"#
        #expect(
            text
                == #"{"allow_upsampling":"false","edge":"\"pad\"","mask":"\#(mask)","max_patches":"500000","#
                + #""min_tissue":"0.25","mpp":"0.5","mpp_from_tiff":"false","overlap":"0","patch_size":"256","#
                + #""quality":"\"sample\"","regions_mode":"\"restrict\""}"#
        )
    }

    @Test func howASlideWasReadIsInItsFingerprintWhereItIsUnusual() throws {
        let usual = try TileStage.parameters(of: TilingConfig())
        let unusual: [(ReadingRules, [String: String])] = [
            (ReadingRules(), [:]), (ReadingRules(colour: .icc), ["colour": "\"icc\""]),
            (ReadingRules(jpegColour: .yCbCr), ["jpeg_colour": "\"ycbcr\""]),
            (ReadingRules(acceptsGrey: true), ["accept_grey": "true"]), (ReadingRules(scene: 2), ["scene": "2"]),
        ]
        for (rules, added) in unusual {
            var tiling = TilingConfig()
            tiling.rules = rules
            let found = try TileStage.parameters(of: tiling)
            #expect(found == usual.merging(added) { $1 })
            let fingerprint = Fingerprint(stage: "tile", parameters: found, inputs: [:])
            let outcome = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
            #expect(try TileStage.rules(of: outcome) == rules)
            #expect(try TileStage.tiling(of: outcome).tiling == tiling)
        }
        #expect(try TileStage.rules(of: nil) == ReadingRules())
    }

    @Test func whatWasTiledBeforeHasNoPatchesBeyondTheEdge() throws {
        #expect(try TileStage.tiling(of: outcome(TilingConfig(), without: "edge")).tiling.edge == .drop)
    }
}
