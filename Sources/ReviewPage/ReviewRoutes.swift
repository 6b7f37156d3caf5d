import Files
import Foundation
import HTTPTypes
import Heatmaps
import Hummingbird
import Records
import Storage

/// What the server answers. Slides are named in the query, and only names of the job's list are ever looked for.
struct ReviewRoutes: Sendable {
    let live: LiveJob
    let slides: any SlideSource
    let assets: PageAssets
    let shelf: MapShelf
    let log: DecisionLog
    let reading: ReadingPlan
    private let tiles = ByteCache<TileKey>(limit: 192 << 20)

    private enum TileKey: Hashable {
        case tile(SlideID, TileAddress)
        case patch(SlideID, PixelPoint, Int)
    }

    init(
        job: ReviewJob,
        remarks: @escaping PredictionRemarks,
        slides: any SlideSource,
        assets: PageAssets,
        ranges: @escaping MapRanges,
        reading: ReadingPlan
    ) {
        live = LiveJob(job, remarks: remarks)
        self.slides = slides
        self.assets = assets
        self.reading = reading
        shelf = MapShelf(ranges: ranges)
        log = DecisionLog(job.layout)
    }

    func add(to router: Router<BasicRequestContext>) {
        for (path, file) in assets.files {
            router.get(RouterPath(path)) { _, _ in Self.answer(Array(file.content), file.type, .none) }
        }
        router.get("/api/worklist") { request, _ in try await Self.json(worklist(request)) }
        router.get("/api/slide") { request, _ in try await Self.json(slide(request)) }
        router.get("/api/top") { request, _ in try await Self.json(top(request)) }
        router.get("/api/values") { request, _ in try await Self.json(values(request)) }
        router.post("/api/decision") { request, _ in try await Self.json(decide(request)) }
        router.get("/thumbnail") { request, _ in try await thumbnail(request) }
        router.get("/tile") { request, _ in try await tile(request) }
        router.get("/patch") { request, _ in try await patch(request) }
        router.get("/overlay") { request, _ in try await overlay(request) }
        router.get("/uncovered") { request, _ in try await uncovered(request) }
        router.get("/export/decisions.csv") { request, _ in
            let sight = sight(request)
            let rows = try await live.current().slides.map { ($0, try log.decisions(of: $0.id)) }
            let text = DecisionExport.csv(rows.filter { !sight.isSealed($0.1) })
            return Self.answer(Array(text.utf8), "text/csv; charset=utf-8", .none, download: "decisions.csv")
        }
        router.get("/export/marks.geojson") { request, _ in
            let slide = try entry(request, in: await live.current())
            let decisions = try log.decisions(of: slide.id)
            let data = try DecisionExport.geoJSON(
                sight(request).isSealed(decisions) ? [] : decisions,
                bounds: slide.pyramid?.bounds
            )
            return Self.answer(Array(data), "application/geo+json", .none, download: "\(slide.id.text).geojson")
        }
    }

    func sight(_ request: Request) -> ReaderSight { ReaderSight(request, everyone: reading.isBlinded) }

    private func worklist(_ request: Request) async throws -> Worklist {
        let (job, sight) = (try await live.current(), sight(request))
        return Worklist(
            job: job.layout.root.lastPathComponent,
            key: String(Digest.sha256(Data(job.layout.root.path.utf8)).prefix(16)),
            version: job.version,
            blinded: reading.isBlinded,
            models: job.models,
            classes: job.classes,
            readers: reading.assignment?.readers ?? [],
            colours: Worklist.coloursInHex,
            slides: job.slides.map { slide in
                // Words that cannot be read are no reason to show nothing of the other slides.
                let decisions = Result { try log.decisions(of: slide.id) }
                return WorklistRow(
                    slide,
                    decisions: decisions,
                    sight: sight,
                    assigned: reading.assignment?.readers(of: slide.id, case: slide.caseID) ?? []
                )
            }
        )
    }

    private func slide(_ request: Request) async throws -> SlideAnswer {
        let (job, sight) = (try await live.current(), sight(request))
        let slide = try entry(request, in: job)
        let decisions = try log.decisions(of: slide.id)
        let isSealed = sight.isSealed(decisions)
        let model = isSealed ? "" : request.query("model")
        var problem: String?
        var shown: MapShelf.Shown?
        do { shown = try await shelf.maps(model, of: slide, in: job) } catch let error as any ReportableError {
            problem = error.message
        }
        var answer = SlideAnswer(
            slide,
            of: job,
            model: problem == nil && slide.forecasts[model] != nil ? model : nil,
            shown: shown,
            sealed: isSealed,
            decisions: SeenDecision.list(decisions, of: slide, sight: sight)
        )
        do {
            let pyramid = try await slides.pyramid(of: slide.id)
            (answer.pyramid, answer.deepest) = (pyramid, pyramid.deepest)
        } catch let failure as Failure {
            problem = [problem, failure.message].compactMap(\.self).joined(separator: "; ")
            (answer.pyramid, answer.deepest) = (slide.pyramid, slide.pyramid?.deepest)
            (answer.hasTiles, answer.isComing) = (false, failure.code == .busy)
        }
        answer.problem = problem
        return answer
    }

    private func thumbnail(_ request: Request) async throws -> Response {
        let job = try await live.current()
        let slide = try entry(request, in: job)
        guard let data = try await sound({ try job.thumbnail(of: slide) }) else { throw HTTPError(.notFound) }
        // The browser is told not to guess, so that what is said of a file must be true.
        guard data.starts(with: [0xFF, 0xD8, 0xFF]), data.suffix(2).elementsEqual([0xFF, 0xD9]) else {
            throw HTTPError(.unsupportedMediaType, message: "thumbnails/\(slide.id.text).jpg is no JPEG picture")
        }
        return Self.answer(Array(data), "image/jpeg", .session)
    }

    private func tile(_ request: Request) async throws -> Response {
        let slide = try entry(request, in: await live.current()).id
        let address = try Self.address(request)
        let data = try await tiles.value(.tile(slide, address)) { [slides] in
            guard try await slides.pyramid(of: slide).contains(address) else { throw HTTPError(.notFound) }
            return try await slides.tile(address, of: slide)
        }
        return Self.answer(Array(data), "image/jpeg", .session)
    }

    private func patch(_ request: Request) async throws -> Response {
        let slide = try entry(request, in: await live.current()).id
        guard let x = request.number("x"), let y = request.number("y"), let side = request.number("side"),
            (1...4096).contains(side)
        else { throw HTTPError(.notFound) }
        let size = try await slides.pyramid(of: slide).size
        guard (0..<size.width).contains(x), (0..<size.height).contains(y) else { throw HTTPError(.notFound) }
        let corner = PixelPoint(x: x, y: y)
        let data = try await tiles.value(.patch(slide, corner, side)) { [slides] in
            try await slides.patch(at: corner, side: side, of: slide)
        }
        return Self.answer(Array(data), "image/jpeg", .session)
    }

    /// A file that is not what it was is a conflict, said in its own words.
    func sound<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as any ReportableError where !error.code.tells {
            throw HTTPError(.conflict, message: error.message)
        }
    }

    /// - Throws: `HTTPError` 404 for any name that is not of the job's list.
    func entry(_ request: Request, in job: ReviewJob) throws -> ReviewJob.SlideEntry {
        guard let slide = job.slide(named: request.query("slide")) else {
            throw HTTPError(.notFound, message: "no such slide in this job")
        }
        return slide
    }

    static func address(_ request: Request) throws -> TileAddress {
        guard let zoom = request.number("z"), let column = request.number("x"), let row = request.number("y") else {
            throw HTTPError(.notFound)
        }
        return TileAddress(zoom: zoom, column: column, row: row)
    }

    /// How long a browser may keep an answer.
    enum Keeping: String {
        case none = "no-store"
        /// The page's addresses of tiles hold a word that is new with each start of the server.
        case session = "private, max-age=86400, immutable"
    }

    private static func json(_ value: some Encodable) throws -> Response {
        answer(Array(try CanonicalJSON.line(value)), "application/json", .none)
    }

    static func answer(_ bytes: [UInt8], _ type: String, _ keeping: Keeping, download: String? = nil)
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
