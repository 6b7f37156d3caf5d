import Foundation
import Records
import Review
import Storage

/// The maps of the slides that are being looked at, and the layers drawn from them.
actor MapShelf {
    private struct Key: Hashable {
        var model: String
        var slide: SlideID
    }

    struct Shown: Sendable {
        var maps: SlideMaps
        /// `maps.all`, whose positions are the numbers of the maps on the page.
        var all: [PatchMap]
        /// nil where the slide was not tiled in this job.
        var uncovered: UncoveredTissue?
    }

    private struct Entry {
        var shown: Shown
        var layers: [LayerKey: OverlayLayer] = [:]
        var use: Int
    }

    private struct LayerKey: Hashable {
        var map: Int
        var scale: HeatmapStyle.Scale
    }

    private let job: ReviewJob
    private let ranges: MapRanges
    private let limit = 8
    private var entries: [Key: Entry] = [:]
    private var clock = 0

    init(_ job: ReviewJob, ranges: @escaping MapRanges) {
        self.job = job
        self.ranges = ranges
    }

    /// nil where the model says nothing of the slide.
    func maps(_ model: String, of slide: ReviewJob.SlideEntry) throws -> Shown? {
        clock += 1
        let key = Key(model: model, slide: slide.id)
        if let known = entries[key] {
            entries[key]?.use = clock
            return known.shown
        }
        guard let file = try job.prediction(model, of: slide) else { return nil }
        let (attention, score) = ranges(model)
        let maps = try SlideMaps(file, attention: attention, score: score)
        let uncovered = try job.layout.tissueOutlines(of: slide.id).flatMap {
            UncoveredTissue(tissue: $0, corners: maps.corners, side: maps.side)
        }
        let shown = Shown(maps: maps, all: maps.all, uncovered: uncovered)
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.use < $1.value.use }) {
            entries[oldest.key] = nil
        }
        entries[key] = Entry(shown: shown, use: clock)
        return shown
    }

    /// nil where there is no such map.
    func layer(
        _ model: String,
        of slide: ReviewJob.SlideEntry,
        map: Int,
        scale: HeatmapStyle.Scale
    ) throws -> OverlayLayer? {
        guard let shown = try maps(model, of: slide), shown.all.indices.contains(map) else { return nil }
        let (key, layerKey) = (Key(model: model, slide: slide.id), LayerKey(map: map, scale: scale))
        if let known = entries[key]?.layers[layerKey] { return known }
        let layer = try OverlayLayer(shown.all[map], of: shown.maps, scale: scale)
        entries[key]?.layers[layerKey] = layer
        return layer
    }
}

/// The absolute scales of a model's attention and of its scores.
public typealias MapRanges = @Sendable (String) -> (attention: ClosedRange<Double>, score: ClosedRange<Double>)
