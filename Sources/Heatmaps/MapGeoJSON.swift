import Files
public import Imaging
public import Records
import Storage

/// Maps as QuPath imports them: every patch as a tile with its numbers, and regions of high values as annotations.
public enum MapGeoJSON {
    /// Coordinates are relative to the slide's bounds, which is where QuPath counts from; `wsi_origin` says so.
    /// - Parameters:
    ///   - bounds: of the slide, in level-0 pixels.
    ///   - mpp: µm per level-0 pixel; nil leaves out areas.
    ///   - limit: value of the one map from which patches belong to a region; nil is the middle of its range.
    public static func collection(_ maps: SlideMaps, bounds: PixelRect, mpp: Double?, limit: Double?) -> GeoJSON {
        let limit = limit ?? (maps.main.range.lowerBound + maps.main.range.upperBound) / 2
        return GeoJSON(features: regions(maps, from: Float(limit), mpp: mpp) + tiles(maps), origin: .slide)
            .fromBounds(x: bounds.x, y: bounds.y)
    }

    private static func tiles(_ maps: SlideMaps) -> [GeoJSON.Feature] {
        let ranks = maps.main.percentiles
        let others = maps.further + (maps.disagreement.map { [$0] } ?? [])
        let word = maps.main.quantity.word
        return maps.corners.enumerated().map { row, corner in
            var measurements = [word: number(maps.main.values[row]), "\(word) percentile": number(ranks[row] * 100)]
            for map in others {
                let name = map.measurement ?? "\(map.quantity.word) \(map.title)"
                measurements[name] = number(map.values[row])
            }
            let patch = PixelRect(x: corner.x, y: corner.y, width: maps.side, height: maps.side)
            let shown = maps.slideSize.map { patch.clipped(to: $0) } ?? patch
            let (left, top) = (Double(shown.x), Double(shown.y))
            let (right, bottom) = (left + Double(shown.width), top + Double(shown.height))
            let square = [(left, top), (right, top), (right, bottom), (left, bottom)].map { PlanePoint(x: $0, y: $1) }
            return GeoJSON.Feature(
                polygons: [PlanePolygon(outer: square)],
                properties: ["objectType": .string("tile"), "measurements": .object(measurements)]
            )
        }
    }

    private static func regions(_ maps: SlideMaps, from limit: Float, mpp: Double?) -> [GeoJSON.Feature] {
        let high = maps.corners.indices.filter { maps.main.values[$0] >= limit }
        let word = maps.main.quantity.word
        let name = "\(word) ≥ \(RoundNumber.short(limit))"
        let outlines = PatchOutline.regions(of: high.map { maps.corners[$0] }, side: maps.side, on: maps.slideSize)
        return outlines.map { region in
            let values = region.members.map { maps.main.values[high[$0]] }
            var measurements = [
                "patches": JSONValue.number(Double(values.count)),
                "mean \(word)": number(values.reduce(0, +) / Float(values.count)),
                "highest \(word)": number(values.max() ?? 0),
            ]
            measurements["area µm²"] = mpp.map { .number((region.polygon.area * $0 * $0).rounded()) }
            return GeoJSON.Feature(
                polygons: [region.polygon],
                properties: [
                    "objectType": .string("annotation"),
                    "classification": GeoJSON.classification(name, RGB(200, 40, 120)),
                    "measurements": .object(measurements),
                ]
            )
        }
    }

    /// The shortest decimals that tell the number from its neighbours in single precision.
    private static func number(_ value: Float) -> JSONValue { .number(Double("\(value)") ?? 0) }
}
