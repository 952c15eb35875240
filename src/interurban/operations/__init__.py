"""How the service ran: realtime rows of a service day become stop visits, and those become answers about reliability."""
