import Files
public import Foundation
import Imaging
import Records

/// The page's own files, which are part of the program, and the viewer library Leaflet, which the system or the installation provides.
public struct PageAssets: Sendable {
    struct File: Sendable {
        var type: String
        var content: Data
    }

    /// By the path under which the server gives it away.
    let files: [String: File]

    /// The library's folder: `WSI_LEAFLET`, else the installation's own, else where Debian's libjs-leaflet puts it.
    public static func leaflet(environment: [String: String]) -> URL {
        environment["WSI_LEAFLET"].map { URL(filePath: $0) }
            ?? Installation.current?.share("leaflet") ?? URL(filePath: "/usr/share/javascript/leaflet")
    }

    /// - Parameter leaflet: a folder with Leaflet's `leaflet.js` and `leaflet.css`.
    /// - Throws: `Failure` with `.notFound` (exit 2) where one of them is not there.
    public init(leaflet: URL) throws {
        var files = ["/": File(type: "text/html; charset=utf-8", content: Self.page)]
        for (name, content) in Self.styles {
            files["/\(name).css"] = File(type: "text/css; charset=utf-8", content: Data(content))
        }
        for (name, content) in Self.scripts + [("panels", Array(Self.panelsModule.utf8))] {
            files["/\(name).js"] = File(type: "text/javascript; charset=utf-8", content: Data(content))
        }
        for (name, type) in [
            ("leaflet.js", "text/javascript; charset=utf-8"), ("leaflet.css", "text/css; charset=utf-8"),
        ] {
            guard let content = FileManager.default.contents(atPath: leaflet.appending(path: name).path) else {
                throw Failure(
                    .notFound,
                    leaflet.appending(path: name).path,
                    "the viewer library Leaflet is not there; install Debian's libjs-leaflet, or name its folder in WSI_LEAFLET"
                )
            }
            files["/leaflet/\(name)"] = File(type: type, content: content)
        }
        if let licence = Self.licence(leaflet) {
            files["/leaflet/licence.txt"] = File(type: "text/plain; charset=utf-8", content: licence)
        }
        self.files = files
    }

    /// The panels beside a slide that show what the server says of it, in their order. Each is a section of the page and a script
    /// of the same name, whose `show` gets the section, the slide's answer and the state of the page.
    private static let panels = ["forecast"]

    private static var panelsModule: String {
        panels.map { "import { show as \($0) } from \"/\($0).js\";\n" }.joined()
            + "export const panels = { \(panels.joined(separator: ", ")) };\n"
    }

    /// With the panels and colour maps that the program has.
    private static var page: Data {
        let options = ColourMap.Name.allCases.map { name in
            "<option value=\"\(name.rawValue)\">\(name.title)</option>"
        }
        let sections = panels.map { "<section id=\"\($0)\"></section>" }
        let text = String(decoding: PackageResources.page_html, as: UTF8.self)
        return Data(
            text.replacing("<!-- colour maps -->", with: options.joined(separator: "\n              "))
                .replacing("<!-- panels -->", with: sections.joined(separator: "\n        ")).utf8
        )
    }

    private static let styles = [
        ("decision", PackageResources.decision_css),
        ("page", PackageResources.page_css),
        ("viewer", PackageResources.viewer_css),
        ("worklist", PackageResources.worklist_css),
    ]

    private static let scripts = [
        ("cases", PackageResources.cases_js),
        ("columns", PackageResources.columns_js),
        ("decision", PackageResources.decision_js),
        ("dom", PackageResources.dom_js),
        ("drafts", PackageResources.drafts_js),
        ("drawing", PackageResources.drawing_js),
        ("filters", PackageResources.filters_js),
        ("forecast", PackageResources.forecast_js),
        ("heatlayer", PackageResources.heatlayer_js),
        ("highest", PackageResources.highest_js),
        ("history", PackageResources.history_js),
        ("instruments", PackageResources.instruments_js),
        ("keys", PackageResources.keys_js),
        ("labels", PackageResources.labels_js),
        ("legend", PackageResources.legend_js),
        ("marklist", PackageResources.marklist_js),
        ("marks", PackageResources.marks_js),
        ("memory", PackageResources.memory_js),
        ("notice", PackageResources.notice_js),
        ("outlines", PackageResources.outlines_js),
        ("overlay", PackageResources.overlay_js),
        ("page", PackageResources.page_js),
        ("place", PackageResources.place_js),
        ("pointers", PackageResources.pointers_js),
        ("progress", PackageResources.progress_js),
        ("reader", PackageResources.reader_js),
        ("reviews", PackageResources.reviews_js),
        ("rotation", PackageResources.rotation_js),
        ("rows", PackageResources.rows_js),
        ("saving", PackageResources.saving_js),
        ("server", PackageResources.server_js),
        ("shapes", PackageResources.shapes_js),
        ("sizes", PackageResources.sizes_js),
        ("stage", PackageResources.stage_js),
        ("tiles", PackageResources.tiles_js),
        ("toolbar", PackageResources.toolbar_js),
        ("values", PackageResources.values_js),
        ("verdicts", PackageResources.verdicts_js),
        ("viewer", PackageResources.viewer_js),
        ("words", PackageResources.words_js),
        ("worklist", PackageResources.worklist_js),
    ]

    /// Beside the library as its authors ship it, or where Debian keeps it.
    private static func licence(_ leaflet: URL) -> Data? {
        let places = ["LICENSE", "copyright"].map { leaflet.appending(path: $0).path }
        return (places + ["/usr/share/doc/libjs-leaflet/copyright"]).lazy
            .compactMap { FileManager.default.contents(atPath: $0) }.first
    }
}
