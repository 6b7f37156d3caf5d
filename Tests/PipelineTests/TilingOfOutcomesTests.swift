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

    @Test func whatWasTiledBeforeHasNoPatchesBeyondTheEdge() throws {
        #expect(try TileStage.tiling(of: outcome(TilingConfig(), without: "edge")).tiling.edge == .drop)
    }
}
