import Records

extension BatchDevice {
    /// Opens devices one after the other.
    /// - Parameters:
    ///   - isEachWanted: whether each was named. Else one that does not open is left out, and told, as long as another one opens.
    ///   - open: loads the networks; what it throws is the device's fault where it says so, as CUDA does, and theirs otherwise.
    /// - Returns: one or more.
    /// - Throws: `Failure` that names the device; what `open` throws.
    public static func open<Place: CustomStringConvertible>(
        _ places: [Place],
        isEachWanted: Bool,
        note: (String) -> Void,
        _ open: (Place) throws -> BatchDevice
    ) throws -> [BatchDevice] {
        var devices: [BatchDevice] = []
        var faults: [Failure] = []
        for place in places {
            do { devices.append(try open(place)) } catch {
                guard let fault = fault(of: "\(place)", error) else { throw error }
                if isEachWanted { throw places.count > 1 ? fault.advised : fault }
                faults.append(fault)
            }
        }
        if devices.isEmpty { throw faults.first ?? Failure(.bug, nil, "no device was asked for") }
        for fault in faults { note("\(fault.subject ?? "") does not open and is left out: \(fault.message)") }
        return devices
    }

    /// nil where the error says nothing of the device.
    private static func fault(of place: String, _ error: any Error) -> Failure? {
        let said = Failure(error)
        guard error is BatchFault || DeviceFault(said.message) != nil else { return nil }
        let isJudged = [ErrorCode.io, .usage].contains(said.code)
        let fault = isJudged ? said : Failure(ofDevice: place, said.message) ?? said
        // No patch was there yet that could be the cause.
        return Failure(fault.code == .usage ? .usage : .io, place, fault.message)
    }

    /// `features on cuda:0 and cuda:1, in batches of 256`
    public static func words(of devices: [BatchDevice]) -> String {
        let names = devices.map(\.name)
        let list = names.count > 1 ? "\(names.dropLast().joined(separator: ", ")) and \(names.last ?? "")" : names.first
        let sizes = Set(devices.map(\.batch)).sorted().map { "\($0)" }.joined(separator: " or ")
        return "features on \(list ?? ""), in batches of \(sizes)"
    }
}

extension Failure {
    fileprivate var advised: Failure { Failure(code, subject, "\(message); cuda:all leaves out what does not open") }
}
