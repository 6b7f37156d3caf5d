import Foundation
import HTTPTypes
import Heatmaps
import Hummingbird
import Imaging
import Records
import Storage

/// What is shown of a model's result; never of another one than the page asks for, nor to who reads blinded.
extension ReviewRoutes {
    func top(_ request: Request) async throws -> [TopPatch] {
        let (shown, map) = try await shownMap(request)
        return TopPatch.list(shown.all[map], corners: shown.maps.corners, count: 30)
    }

    func values(_ request: Request) async throws -> MapValues {
        let (shown, map) = try await shownMap(request)
        return MapValues(
            side: shown.maps.side,
            places: shown.maps.corners.flatMap { [$0.x, $0.y] },
            values: shown.all[map].values
        )
    }

    /// The maps of the result that a request names, unless it is sealed or another one by now.
    /// - Throws: `HTTPError` 404, 403 and 409.
    private func shown(_ request: Request, of slide: ReviewJob.SlideEntry, in job: ReviewJob) async throws
        -> MapShelf.Shown
    {
        if sight(request).isSealed(try log.decisions(of: slide.id)) {
            throw HTTPError(.forbidden, message: "this slide is read blinded")
        }
        let model = request.query("model")
        guard let forecast = slide.forecasts[model] else {
            // It was there when the page asked for it, so that it is another state of the job by now.
            throw HTTPError(request.query("result").isEmpty ? .notFound : .conflict)
        }
        let wanted = request.query("result")
        guard wanted.isEmpty || wanted == forecast.digest else {
            throw HTTPError(.conflict, message: "the result of \(model) has changed since it was shown")
        }
        guard let shown = try await sound({ try await shelf.maps(model, of: slide, in: job) }) else {
            throw HTTPError(.notFound)
        }
        return shown
    }

    private func shownMap(_ request: Request) async throws -> (MapShelf.Shown, map: Int) {
        let job = try await live.current()
        let shown = try await shown(request, of: entry(request, in: job), in: job)
        guard let map = request.number("map"), shown.all.indices.contains(map) else { throw HTTPError(.notFound) }
        return (shown, map)
    }

    func overlay(_ request: Request) async throws -> Response {
        let job = try await live.current()
        let (slide, address) = (try entry(request, in: job), try Self.address(request))
        let pyramid = try await pyramid(of: slide)
        let scale: HeatmapStyle.Scale = request.query("scale") == "percentile" ? .percentile : .absolute
        _ = try await shown(request, of: slide, in: job)
        guard pyramid.contains(address), let map = request.number("map"),
            let colours = ColourMap.all.first(where: { $0.name.rawValue == request.query("colours") })?.map,
            let limit = Float(request.query("from")), limit.isFinite,
            let layer = try await sound({
                try await shelf.layer(request.query("model"), of: slide, in: job, map: map, scale: scale)
            })
        else { throw HTTPError(.notFound) }
        let data = try layer.tile(
            Self.grid(address, pyramid),
            from: limit,
            colours: layer.isSigned ? .signed : colours
        )
        return Self.answer(Array(data), "image/png", .session)
    }

    func uncovered(_ request: Request) async throws -> Response {
        let job = try await live.current()
        let (slide, address) = (try entry(request, in: job), try Self.address(request))
        let pyramid = try await pyramid(of: slide)
        let shown = try await shown(request, of: slide, in: job)
        guard pyramid.contains(address), let uncovered = shown.uncovered else { throw HTTPError(.notFound) }
        return Self.answer(Array(try uncovered.tile(Self.grid(address, pyramid))), "image/png", .session)
    }

    /// As it was tiled, so that maps are there where the slide is not, and ask nothing of it.
    private func pyramid(of slide: ReviewJob.SlideEntry) async throws -> TilePyramid {
        if let pyramid = slide.pyramid { return pyramid }
        return try await slides.pyramid(of: slide.id)
    }

    private static func grid(_ address: TileAddress, _ pyramid: TilePyramid) -> PictureGrid {
        let step = Double(pyramid.downsample(of: address))
        let reach = step * Double(TilePyramid.side)
        return PictureGrid(
            x: Double(address.column) * reach,
            y: Double(address.row) * reach,
            downsampleX: step,
            downsampleY: step
        )
    }
}
