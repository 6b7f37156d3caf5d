import Foundation
import HTTPTypes
import Hummingbird
import Records
import Review
import Storage

/// What the server answers. Slides are named in the query, and only names of the job's list are ever looked for.
struct ReviewRoutes: Sendable {
    let job: ReviewJob
    let slides: any SlideSource
    let assets: PageAssets
    let shelf: MapShelf
    let log: DecisionLog
    private let tiles = ByteCache<TileKey>(limit: 192 << 20)

    private struct TileKey: Hashable {
        var slide: SlideID
        var address: TileAddress
    }

    init(job: ReviewJob, slides: any SlideSource, assets: PageAssets, ranges: @escaping MapRanges) {
        self.job = job
        self.slides = slides
        self.assets = assets
        shelf = MapShelf(job, ranges: ranges)
        log = DecisionLog(job.layout)
    }

    func add(to router: Router<BasicRequestContext>) {
        for (path, file) in assets.files {
            router.get(RouterPath(path)) { _, _ in Self.answer(Array(file.content), file.type, .none) }
        }
        router.get("/api/worklist") { _, _ in try Self.json(worklist()) }
        router.get("/api/slide") { request, _ in try await Self.json(slide(request)) }
        router.get("/api/top") { request, _ in try await Self.json(top(request)) }
        router.post("/api/decision") { request, _ in try await Self.json(decide(request)) }
        router.get("/thumbnail") { request, _ in try thumbnail(request) }
        router.get("/tile") { request, _ in try await tile(request) }
        router.get("/overlay") { request, _ in try await overlay(request) }
        router.get("/uncovered") { request, _ in try await uncovered(request) }
        router.get("/export/decisions.csv") { _, _ in
            let text = try DecisionExport.csv(job.slides.map { try log.decisions(of: $0.id) })
            return Self.answer(Array(text.utf8), "text/csv; charset=utf-8", .none, download: "decisions.csv")
        }
        router.get("/export/marks.geojson") { request, _ in
            let slide = try entry(request)
            let data = try DecisionExport.geoJSON(log.decisions(of: slide.id), bounds: slide.bounds)
            return Self.answer(Array(data), "application/geo+json", .none, download: "\(slide.id.text).geojson")
        }
    }

    private func worklist() throws -> Worklist {
        Worklist(
            job: job.layout.root.lastPathComponent,
            key: String(Digest.sha256(Data(job.layout.root.path.utf8)).prefix(16)),
            models: job.models,
            colours: Worklist.coloursInHex,
            slides: try job.slides.map { WorklistRow($0, decisions: try log.decisions(of: $0.id)) }
        )
    }

    private func slide(_ request: Request) async throws -> SlideAnswer {
        let slide = try entry(request)
        let model = request.query("model")
        var problem: String?
        var shown: MapShelf.Shown?
        do { shown = try await shelf.maps(model, of: slide) } catch let error as any ReportableError {
            problem = error.message
        }
        var answer = SlideAnswer(
            id: slide.id.text,
            label: slide.label,
            quality: slide.quality,
            forecast: problem == nil ? slide.forecasts[model] : nil,
            mpp: slide.mpp,
            patchSide: shown?.maps.side,
            unexamined: shown?.uncovered?.words,
            maps: SlideAnswer.maps(shown),
            decisions: try log.decisions(of: slide.id)
        )
        do {
            let pyramid = try await slides.pyramid(of: slide.id)
            (answer.pyramid, answer.deepest) = (pyramid, pyramid.deepest)
        } catch let failure as Failure {
            problem = [problem, failure.message].compactMap(\.self).joined(separator: "; ")
        }
        answer.problem = problem
        return answer
    }

    private func top(_ request: Request) async throws -> [TopPatch] {
        let slide = try entry(request)
        guard let shown = try await sound({ try await shelf.maps(request.query("model"), of: slide) }),
            let map = request.number("map"), shown.all.indices.contains(map)
        else { throw HTTPError(.notFound) }
        return TopPatch.list(shown.all[map], corners: shown.maps.corners, count: 30)
    }

    private func decide(_ request: Request) async throws -> [Decision] {
        let slide = try entry(request)
        let body = try await request.body.collect(upTo: 1 << 20)
        let draft: Decision.Draft
        do { draft = try JSONDecoder().decode(Decision.Draft.self, from: Data(body.readableBytesView)) } catch {
            throw HTTPError(.badRequest, message: "this is no decision")
        }
        try log.append(try Decision(draft, of: slide.id, at: Date()))
        return try log.decisions(of: slide.id)
    }

    private func thumbnail(_ request: Request) throws -> Response {
        let slide = try entry(request)
        let data: Data?
        do { data = try job.thumbnail(of: slide) } catch let error as any ReportableError { throw Self.refused(error) }
        guard let data else { throw HTTPError(.notFound) }
        return Self.answer(Array(data), "image/jpeg", .session)
    }

    private func tile(_ request: Request) async throws -> Response {
        let (slide, address) = (try entry(request), try Self.address(request))
        let data = try await tiles.value(TileKey(slide: slide.id, address: address)) { [slides] in
            guard try await slides.pyramid(of: slide.id).contains(address) else { throw HTTPError(.notFound) }
            return try await slides.tile(address, of: slide.id)
        }
        return Self.answer(Array(data), "image/jpeg", .session)
    }

    private func overlay(_ request: Request) async throws -> Response {
        let (slide, address) = (try entry(request), try Self.address(request))
        let pyramid = try await slides.pyramid(of: slide.id)
        let scale: HeatmapStyle.Scale = request.query("scale") == "percentile" ? .percentile : .absolute
        guard pyramid.contains(address), let map = request.number("map"),
            let colours = Worklist.colourMaps.first(where: { $0.name == request.query("colours") })?.map,
            let limit = Float(request.query("from")), limit.isFinite,
            let layer = try await sound({
                try await shelf.layer(request.query("model"), of: slide, map: map, scale: scale)
            })
        else { throw HTTPError(.notFound) }
        let data = try layer.tile(Self.grid(address, pyramid), from: limit, colours: colours)
        return Self.answer(Array(data), "image/png", .session)
    }

    private func uncovered(_ request: Request) async throws -> Response {
        let (slide, address) = (try entry(request), try Self.address(request))
        let pyramid = try await slides.pyramid(of: slide.id)
        guard pyramid.contains(address),
            let uncovered = try await sound({ try await shelf.maps(request.query("model"), of: slide) })?.uncovered
        else { throw HTTPError(.notFound) }
        return Self.answer(Array(try uncovered.tile(Self.grid(address, pyramid))), "image/png", .session)
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

    /// A file that is not what it was is a conflict, said in its own words.
    private func sound<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as any ReportableError { throw Self.refused(error) }
    }

    private static func refused(_ error: any ReportableError) -> HTTPError {
        HTTPError(.conflict, message: error.message)
    }

    /// - Throws: `HTTPError` 404 for any name that is not of the job's list.
    private func entry(_ request: Request) throws -> ReviewJob.SlideEntry {
        guard let slide = job.slide(named: request.query("slide")) else {
            throw HTTPError(.notFound, message: "no such slide in this job")
        }
        return slide
    }

    private static func address(_ request: Request) throws -> TileAddress {
        guard let zoom = request.number("z"), let column = request.number("x"), let row = request.number("y") else {
            throw HTTPError(.notFound)
        }
        return TileAddress(zoom: zoom, column: column, row: row)
    }

    /// How long a browser may keep an answer.
    private enum Keeping: String {
        case none = "no-store"
        /// The page's addresses of tiles hold a word that is new with each start of the server.
        case session = "private, max-age=86400, immutable"
    }

    private static func json(_ value: some Encodable) throws -> Response {
        answer(Array(try CanonicalJSON.line(value)), "application/json", .none)
    }

    private static func answer(_ bytes: [UInt8], _ type: String, _ keeping: Keeping, download: String? = nil)
        -> Response
    {
        var headers: HTTPFields = [.contentType: type, .cacheControl: keeping.rawValue]
        if let download {
            let name = download.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "export"
            headers[.contentDisposition] = "attachment; filename*=UTF-8''\(name)"
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Request {
    /// A word of the query; empty where it is not there.
    func query(_ name: String) -> String { uri.queryParameters[name[...]].map(String.init) ?? "" }

    func number(_ name: String) -> Int? { Int(query(name)) }
}
