// A city's network on a map made of our own data alone: no tiles, glyphs or styles come from elsewhere.
const MODES = { tram: 1, metro: 2, rail: 3, bus: 4, ferry: 6, cable: 5, gondola: 5, funicular: 5, trolleybus: 7, monorail: 8 };

async function draw(place) {
  const [library, network] = await Promise.all([
    import(place.dataset.library),
    fetch(place.dataset.network).then((answer) => answer.json()),
  ]);
  library.setWorkerUrl(new URL(place.dataset.worker, location.href).href);
  if (!network.features.length) return;
  const map = new library.Map({
    container: place, bounds: place.dataset.extent ? box(place.dataset.extent) : extent(network), fitBoundsOptions: { padding: 24 }, attributionControl: false, cooperativeGestures: false,
    style: { version: 8, sources: { network: { type: "geojson", data: network } }, layers: layers() },
  });
  map.addControl(new library.NavigationControl({ showCompass: false }));
  map.on("click", ["lines", "stops"], (event) => {
    const { name, trips, departures } = event.features[0].properties;
    const text = document.createElement("div");
    text.textContent = trips === undefined ? `${name}: ${departures} ${place.dataset.departures}` : `${name}: ${trips} ${place.dataset.trips}`;
    new library.Popup().setLngLat(event.lngLat).setDOMContent(text).addTo(map);
  });
  document.addEventListener("theme", () => { for (const layer of layers()) for (const [name, value] of Object.entries(layer.paint)) map.setPaintProperty(layer.id, name, value); });
  place.dataset.drawn = "";
}

function layers() {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const modes = Object.entries(MODES).flatMap(([mode, number]) => [mode, colour(`--series-${number}`)]);
  const width = ["interpolate", ["linear"], ["sqrt", ["get", "trips"]], 1, 0.8, 16, 4];
  return [
    { id: "ground", type: "background", paint: { "background-color": colour("--land") } },
    { id: "lines", type: "line", source: "network", filter: ["==", ["geometry-type"], "LineString"], layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": ["match", ["get", "mode"], ...modes, colour("--series-9")], "line-width": width } },
    { id: "stops", type: "circle", source: "network", filter: ["==", ["geometry-type"], "Point"], minzoom: 11,
      paint: { "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "departures"]], 1, 1.5, 30, 5], "circle-color": colour("--paper"), "circle-stroke-color": colour("--ink-soft"), "circle-stroke-width": 1 } },
  ];
}

function box(text) {
  const [west, south, east, north] = text.split(" ").map(Number);
  return [[west, south], [east, north]];
}

function extent(network) {
  let [west, south, east, north] = [180, 90, -180, -90];
  for (const { geometry } of network.features) {
    for (const [x, y] of geometry.type === "Point" ? [geometry.coordinates] : geometry.coordinates) {
      west = Math.min(west, x); east = Math.max(east, x); south = Math.min(south, y); north = Math.max(north, y);
    }
  }
  return [[west, south], [east, north]];
}

for (const place of document.querySelectorAll("[data-network]:not([data-drawn])")) draw(place);
