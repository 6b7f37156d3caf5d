public import Foundation
import Records

/// The page's own files, which are part of the program, and the viewer library Leaflet, which the system provides.
public struct PageAssets: Sendable {
    struct File: Sendable {
        var type: String
        var content: Data
    }

    /// By the path under which the server gives it away.
    let files: [String: File]

    /// The library's folder: `WSI_LEAFLET`, else where Debian's libjs-leaflet puts it.
    public static func leaflet(environment: [String: String]) -> URL {
        URL(filePath: environment["WSI_LEAFLET"] ?? "/usr/share/javascript/leaflet")
    }

    /// - Parameter leaflet: a folder with Leaflet's `leaflet.js` and `leaflet.css`.
    /// - Throws: `Failure` with `.notFound` (exit 2) where one of them is not there.
    public init(leaflet: URL) throws {
        var files = [
            "/": File(type: "text/html; charset=utf-8", content: Data(PackageResources.page_html)),
            "/page.css": File(type: "text/css; charset=utf-8", content: Data(PackageResources.page_css)),
        ]
        let scripts = [
            "page.js": PackageResources.page_js, "worklist.js": PackageResources.worklist_js,
            "viewer.js": PackageResources.viewer_js, "overlay.js": PackageResources.overlay_js,
            "marks.js": PackageResources.marks_js, "decision.js": PackageResources.decision_js,
            "dom.js": PackageResources.dom_js,
        ]
        for (name, content) in scripts {
            files["/\(name)"] = File(type: "text/javascript; charset=utf-8", content: Data(content))
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

    /// Beside the library as its authors ship it, or where Debian keeps it.
    private static func licence(_ leaflet: URL) -> Data? {
        let places = ["LICENSE", "copyright"].map { leaflet.appending(path: $0).path }
        return (places + ["/usr/share/doc/libjs-leaflet/copyright"]).lazy
            .compactMap { FileManager.default.contents(atPath: $0) }.first
    }
}
