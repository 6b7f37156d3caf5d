import Files
import Imaging
import Records
import TestSupport
import Testing

@Suite struct GeoJSONRoundTripTests {
    private func ring(_ random: inout CounterRandom) -> [PlanePoint] {
        // No two points of a ring are one.
        (0..<3 + random.index(below: 6)).map { index in
            PlanePoint(x: Double(random.index(below: 400_000)) / 4, y: random.uniform(0, 1e5) + Double(index) * 1e5)
        }
    }

    private func value(_ random: inout CounterRandom, depth: Int = 0) -> JSONValue {
        switch random.index(below: depth < 2 ? 6 : 4) {
        case 0: return .null
        case 1: return .bool(random.index(below: 2) == 0)
        case 2: return .number(random.uniform(-1e6, 1e6))
        case 3: return .string(random.text())
        case 4: return .array((0..<random.index(below: 4)).map { _ in value(&random, depth: depth + 1) })
        default:
            let names = random.names(random.index(below: 4))
            return .object(
                Dictionary(uniqueKeysWithValues: names.map { ($0, value(&random, depth: depth + 1)) })
            )
        }
    }

    @Test(arguments: seeds(30)) func featuresComeBackAsTheyWereWritten(seed: UInt64) throws {
        var random = CounterRandom(seed: seed, "shapes")
        let origin: GeoJSON.Origin = random.index(below: 2) == 0 ? .slide : .bounds
        let features = (0..<random.index(below: 5)).map { _ in
            let polygons = (0...random.index(below: 3)).map { _ in
                PlanePolygon(outer: ring(&random), holes: (0..<random.index(below: 3)).map { _ in ring(&random) })
            }
            var properties: [String: JSONValue] = ["wsi_origin": .string(origin.rawValue)]
            for name in random.names(random.index(below: 4)) { properties[name] = value(&random) }
            return GeoJSON.Feature(polygons: polygons, properties: properties)
        }
        let scratch = try Scratch()
        try GeoJSON(features: features, origin: origin).write(to: scratch.file("a.geojson"))
        let read = try GeoJSON(contentsOf: scratch.file("a.geojson"))
        #expect(read.features == features)
        #expect(read.skipped.total == 0 && (features.isEmpty || read.origin == origin))
    }
}
