import Records

/// A synthetic slide: any of its rows, on demand.
struct SlidePainter: PixelSource {
    let size: PixelSize
    let map: TissueMap
    private let stain: Stain
    private let fabric: TissueFabric
    private let glands: [Gland]
    private let nuclei: [Nucleus]
    /// Nuclei whose centre lies in rows `64·k ..< 64·(k + 1)`, by k.
    private let shelves: [Range<Int>]
    private let grain: ValueNoise
    private let chromatin: ValueNoise
    private static let shelf = 64

    init(plan: SlidePlan, seed: UInt64) {
        size = plan.size
        stain = plan.stain
        var layout = CounterRandom(seed: seed, "tissue", plan.id.text)
        map = TissueMap(
            size: plan.size,
            composition: plan.composition,
            tumourShare: plan.tumourShare,
            tumourFoci: plan.tumourFoci,
            &layout
        )
        let planting = CellPlanting(
            map: map,
            composition: plan.composition,
            CounterRandom(seed: seed, "cells", plan.id.text)
        )
        var texture = CounterRandom(seed: seed, "texture", plan.id.text)
        fabric = TissueFabric(composition: plan.composition, &texture)
        grain = ValueNoise(&texture)
        chromatin = ValueNoise(&texture)
        glands = planting.glands
        var shelved = [[Nucleus]](repeating: [], count: plan.size.height / Self.shelf + 1)
        for nucleus in planting.nuclei where nucleus.shape.y >= 0 && nucleus.shape.y < Float(plan.size.height) {
            shelved[Int(nucleus.shape.y) / Self.shelf].append(nucleus)
        }
        var shelves: [Range<Int>] = []
        for shelf in shelved {
            shelves.append((shelves.last?.upperBound ?? 0)..<((shelves.last?.upperBound ?? 0) + shelf.count))
        }
        self.shelves = shelves
        nuclei = shelved.flatMap(\.self)
    }

    func read(rows: Range<Int>, into pixels: UnsafeMutableBufferPointer<UInt8>) {
        guard let base = pixels.baseAddress, !rows.isEmpty else { return }
        let band = DyeBand(rows: rows, width: size.width)
        defer { band.free() }
        fabric.paint(map, on: band)
        for gland in glands where touches(gland.shape.y, gland.margin, rows) { gland.paint(on: band, grain: chromatin) }
        // A nucleus reaches less than one shelf beyond its own.
        let first = max(0, rows.lowerBound / Self.shelf - 1)
        let last = min(shelves.count - 1, rows.upperBound / Self.shelf + 1)
        for nucleus in nuclei[shelves[first].lowerBound..<shelves[last].upperBound]
        where touches(nucleus.shape.y, nucleus.margin, rows) {
            nucleus.paint(on: band, softness: stain.softness, grain: chromatin)
        }
        Stain.transmission.withUnsafeBufferPointer { transmission in
            guard let transmission = transmission.baseAddress else { return }
            for row in rows {
                let line = band.line(row)
                stain.develop(
                    row: row,
                    hematoxylin: line.hematoxylin,
                    eosin: line.eosin,
                    grain: grain,
                    transmission: transmission,
                    into: base + (row - rows.lowerBound) * size.width * 3,
                    width: size.width
                )
            }
        }
    }

    private func touches(_ y: Float, _ margin: Int, _ rows: Range<Int>) -> Bool {
        Int(y) + margin >= rows.lowerBound && Int(y) - margin < rows.upperBound
    }
}
