import Records

/// Everything between the cells: fibres of the stroma, fat, the cytoplasm of solid epithelium.
struct TissueFabric: Sendable {
    private let stroma: Float
    private let fibreWidth: Float
    private let coarse: ValueNoise
    private let fine: ValueNoise
    private let ragged: ValueNoise
    private let sites: ValueNoise
    /// Distance of neighbouring fat cells in pixels.
    private let fatPitch: Float

    init(composition: Composition, _ random: inout CounterRandom) {
        stroma = 0.42 * composition.stromaDensity
        fibreWidth = composition.fibreWidth
        coarse = ValueNoise(&random)
        fine = ValueNoise(&random)
        ragged = ValueNoise(&random)
        sites = ValueNoise(&random)
        fatPitch = random.between(78, 104)
    }

    func paint(_ map: TissueMap, on band: DyeBand) {
        let width = band.width
        let lines = UnsafeMutableBufferPointer<Float>.allocate(capacity: width * 6)
        defer { lines.deallocate() }
        guard let tissue = lines.baseAddress else { return }
        let phase = tissue + width
        let along = tissue + width * 2
        let richness = tissue + width * 3
        let fat = tissue + width * 4
        let solid = tissue + width * 5
        for row in band.rows {
            map.tissue.fill(row: row, width: width, into: tissue)
            map.phase.fill(row: row, width: width, into: phase)
            map.along.fill(row: row, width: width, into: along)
            map.richness.fill(row: row, width: width, into: richness)
            map.fat.fill(row: row, width: width, into: fat)
            map.solid.fill(row: row, width: width, into: solid)
            let line = band.line(row)
            let y = Float(row)
            for column in 0..<width where tissue[column] > -8 {
                let x = Float(column)
                let rough = (ragged(x * 0.12, y * 0.12) - 0.5) * 9
                let cover = min(1, max(0, (tissue[column] + rough) * 0.5 + 0.5))
                guard cover > 0 else { continue }
                let grain = 0.86 + 0.28 * fine(x * 0.47, y * 0.47)
                var eosin = fibres(phase[column], along[column]) * richness[column] * grain
                var hematoxylin: Float = 0.035
                let sheet = solid[column]
                if sheet > 0 {
                    let cytoplasm = (0.34 + 0.22 * (ragged(x * 0.2 + 50, y * 0.2) - 0.5)) * grain
                    eosin += (cytoplasm - eosin) * sheet
                    hematoxylin += (0.09 - hematoxylin) * sheet
                }
                let fatty = min(1, max(0, (fat[column] + rough) * 0.3 + 0.5))
                if fatty > 0 {
                    let wall = fatWall(x, y)
                    eosin += (0.012 + 0.34 * wall - eosin) * fatty
                    hematoxylin += (0.02 * wall - hematoxylin) * fatty
                }
                line.eosin[column] = eosin * cover
                line.hematoxylin[column] = hematoxylin * cover
            }
        }
    }

    /// Eosin of the stroma: bundles with pale clefts between, and thin fibres within.
    @inline(__always)
    private func fibres(_ phase: Float, _ along: Float) -> Float {
        let bundle = coarse(phase / (10 * fibreWidth), along / 90)
        let thread = fine(phase / (2.7 * fibreWidth), along / 26)
        // Clefts are the thin level sets where the bundles' field crosses a value.
        let cleft = min(1, max(0.1, (bundle - 0.27).magnitude * 14 / fibreWidth - 0.1))
        return stroma * (0.42 + 0.5 * bundle + 0.62 * (thread - 0.3)) * max(cleft, min(1, thread * 1.3))
    }

    /// 1 on the thin walls between fat cells, 0 within: distance to the border of Voronoi cells (Worley 1996).
    @inline(__always)
    private func fatWall(_ x: Float, _ y: Float) -> Float {
        let column = Int((x / fatPitch).rounded(.down))
        let row = Int((y / fatPitch).rounded(.down))
        var nearest = Float.infinity
        var second = Float.infinity
        for siteRow in (row - 1)...(row + 1) {
            for siteColumn in (column - 1)...(column + 1) {
                let word = sites.word(siteColumn, siteRow)
                let siteX = (Float(siteColumn) + 0.2 + 0.6 * Float(word & 0xFFFF) / 65536) * fatPitch
                let siteY = (Float(siteRow) + 0.2 + 0.6 * Float(word >> 16) / 65536) * fatPitch
                let dx = siteX - x
                let dy = siteY - y
                let distance = dx * dx + dy * dy
                if distance < nearest {
                    second = nearest
                    nearest = distance
                } else if distance < second {
                    second = distance
                }
            }
        }
        let gap = second.squareRoot() - nearest.squareRoot()
        return min(1, max(0, 1.6 - gap * 0.32))
    }
}
