import Files
import Foundation
public import Records

extension Outcome {
    /// What later stages take as this unit's version: changes when its fingerprint or any output changes.
    public func version() throws -> String {
        struct Version: Encodable {
            var fingerprint: Fingerprint
            var outputs: [String: String]
        }
        if let line = plainVersion { return Digest.sha256(Data(line)) }
        return try CanonicalJSON.fingerprint(Version(fingerprint: fingerprint, outputs: outputs))
    }

    /// The line of the version, put together from its parts: every stage asks for those of thousands. nil where a letter is not
    /// plain ASCII.
    var plainVersion: [UInt8]? {
        guard let inputs = CanonicalJSON.plainLine(fingerprint.inputs),
            let parameters = CanonicalJSON.plainLine(fingerprint.parameters),
            let stage = CanonicalJSON.plainLine(fingerprint.stage), let outputs = CanonicalJSON.plainLine(outputs)
        else { return nil }
        var line = Array("{\"fingerprint\":{\"format\":\(fingerprint.format),\"inputs\":".utf8)
        line += inputs + Array(",\"parameters\":".utf8) + parameters
        line += Array(",\"stage\":".utf8) + stage + Array("},\"outputs\":".utf8) + outputs + Array("}".utf8)
        return line
    }
}
